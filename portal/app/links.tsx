import { Anchor, Button, type ButtonProps } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

interface GoProps {
  /** A path from `paths`; a query string inside it is kept. */
  readonly to: string
  readonly children: ReactNode
}

/** A link inside the portal; `onOpen` is told when it is followed. */
export function Go({ to, children, fw, onOpen }: GoProps & { fw?: number; onOpen?: (() => void) | undefined }) {
  return (
    <Anchor component={Link} {...target(to)} inherit fw={fw} onClick={onOpen}>
      {children}
    </Anchor>
  )
}

/** A link that looks like a button; without `to` it is a disabled button. */
export function GoButton({
  to,
  children,
  ...look
}: { to: string | undefined; children: ReactNode } & ButtonProps & { 'aria-label'?: string }) {
  if (to === undefined)
    return (
      <Button {...look} disabled>
        {children}
      </Button>
    )
  return (
    <Button component={Link} {...target(to)} {...look}>
      {children}
    </Button>
  )
}

// Addresses are built by `paths`, so the router's own types of search parameters have nothing to add.
export function target(to: string): { to: string; search: never } {
  const { pathname, searchParams } = new URL(to, location.origin)
  return { to: pathname, search: Object.fromEntries(searchParams) as never }
}
