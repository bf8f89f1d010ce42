import { Skeleton } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { Empty } from './Empty.tsx'
import { Failure, told } from './Failure.tsx'
import { Page } from './Page.tsx'

interface Loading<T> {
  readonly data: T | undefined
  readonly error: unknown
  readonly dataUpdatedAt?: number
  readonly refetch: () => unknown
}

/** What was loaded; until then nothing for 300 ms, then a skeleton; a failure with retry. Old data stays while new is fetched, and says so when that fails. */
export function Loaded<T>({
  query,
  lines = 4,
  title,
  children,
}: {
  query: Loading<T>
  lines?: number
  /** Of a page that is nothing but this: its failure has a heading, too. */
  title?: string
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined)
    return (
      <>
        {query.error ? <Stale query={query} /> : null}
        {children(query.data)}
      </>
    )
  if (query.error) {
    const failure = <NotLoaded query={query} />
    return title ? <Page title={title}>{failure}</Page> : failure
  }
  return <Late lines={lines} />
}

function NotLoaded({ query: { error, refetch } }: { query: Loading<unknown> }) {
  const { code, message, hint } = told(error)
  if (code === 'NOT_ALLOWED')
    return <Empty title="You may not see this" body={[message, hint].filter(Boolean).join('. ')} />
  return <Failure error={error} retry={() => void refetch()} title="This could not be loaded" />
}

function Stale({ query: { error, dataUpdatedAt, refetch } }: { query: Loading<unknown> }) {
  const since = dataUpdatedAt
    ? `What you see is of ${new Date(dataUpdatedAt).toLocaleTimeString('en-GB')}`
    : 'What you see is old'
  return <Failure error={error} retry={() => void refetch()} title={`${since}: newer could not be loaded`} />
}

function Late({ lines }: { lines: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return (
    <output aria-busy="true" aria-label="Loading" style={{ display: 'block', minHeight: lines * 30, padding: 12 }}>
      {late &&
        Array.from({ length: lines }, (_, line) => (
          <Skeleton key={line} height={16} mb={14} width={`${92 - ((line * 17) % 40)}%`} />
        ))}
    </output>
  )
}
