import { Anchor } from '@mantine/core'
import type { ReactNode } from 'react'

/** Saves what the API gives at a path of its own as a file of that name. */
export function DownloadLink({
  path,
  name,
  children,
}: {
  readonly path: `/api/${string}`
  readonly name: string
  readonly children: ReactNode
}) {
  return (
    <Anchor href={path} download={name}>
      {children}
    </Anchor>
  )
}
