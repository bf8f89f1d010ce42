import { Button } from '@mantine/core'
import { Empty } from '../../ui/Empty.tsx'
import { paths } from '../paths.ts'

/** Why the palette is empty, and where to look next. */
export function NothingFound({
  query,
  only,
  isSearching,
  go,
}: {
  readonly query: string
  readonly only: 'Acts' | undefined
  readonly isSearching: boolean
  readonly go: (to: string) => void
}) {
  if (isSearching) return <div className="palette-wait" />
  if (only && query === '')
    return (
      <Empty
        title="This page has nothing to do now"
        body="Acts stand here when a service, a run or a change is open."
      />
    )
  return (
    <Empty
      title={`Nothing is called “${query}”`}
      body={only ? 'Among the acts of this page.' : 'Names, acts, runs, changes and docs were searched.'}
      action={
        !only && (
          <>
            <Button variant="default" onClick={() => go(paths.docs)}>
              All docs
            </Button>{' '}
            <Button variant="default" onClick={() => go(paths.catalog)}>
              Open the catalog
            </Button>
          </>
        )
      }
    />
  )
}
