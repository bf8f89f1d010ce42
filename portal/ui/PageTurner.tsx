import { Button, Text } from '@mantine/core'
import { Ago } from './Ago.tsx'

interface PageTurnerProps {
  readonly page: {
    readonly items: readonly unknown[]
    readonly total: number
    readonly next?: string
    readonly readAt?: string
  }
  /** One and many. */
  readonly noun: readonly [string, string]
  readonly cursor: string | undefined
  readonly set: (patch: Record<string, string | undefined>) => void
}

/** How many rows of how many are shown, and the way to the next ones and back to the first. The page is in the address. */
export function PageTurner({ page: { items, total, next, readAt }, noun: [one, many], cursor, set }: PageTurnerProps) {
  return (
    <div style={{ display: 'flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }}>
      <Text size="sm" c="dimmed">
        {items.length === total ? '' : `${items.length} of `}
        {total === 1 ? `1 ${one}` : `${total} ${many}`}
        {readAt && (
          <>
            , read <Ago at={readAt} />
          </>
        )}
      </Text>
      {cursor && (
        <Button variant="default" onClick={() => set({ cursor: undefined })}>
          First page
        </Button>
      )}
      {next && (
        <Button variant="default" onClick={() => set({ cursor: next })}>
          Next page
        </Button>
      )}
    </div>
  )
}
