import { Anchor } from '@mantine/core'
import type { ReactNode } from 'react'
import { isSafeLink } from '../../src/model/safe-link.ts'

/** A link out of the portal. An address that would run something or open a program stays plain text. */
export function WebLink({
  href,
  children,
  ...look
}: {
  readonly href: string
  readonly children: ReactNode
  readonly size?: string
  readonly inherit?: boolean
  readonly 'aria-label'?: string
}) {
  if (!isSafeLink(href)) return <span>{children}</span>
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" {...look}>
      {children}
    </Anchor>
  )
}
