import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** A link to a place on the page that is open. */
export function Anchor({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  return (
    <Link to="." hash={to} search={true as never}>
      {children}
    </Link>
  )
}
