import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../app/queries.ts'
import { Card } from '../ui/Card.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Status } from '../ui/Status.tsx'

/** Tries what stands behind each port, when asked to: it calls the products. */
export function LiveChecks() {
  const live = useQuery({ ...queries.liveChecks(), enabled: false })
  const asked = live.isFetching || live.isFetched
  return (
    <Card
      title="Live: what stands behind each port"
      flush
      aside={
        <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
          <CopyCli command="fairway doctor --live" />
          <Button size="xs" variant="default" loading={live.isFetching} onClick={() => void live.refetch()}>
            Try all now
          </Button>
        </div>
      }
    >
      {asked ? (
        <Loaded query={live} lines={8}>
          {({ items }) => (
            <DataTable
              label="Live checks"
              rows={items}
              rowKey={({ port, check }) => `${port} ${check}`}
              empty={<Empty title="Nothing was tried" />}
              columns={[
                { header: 'Port', cell: ({ port }) => <strong>{port}</strong> },
                { header: 'Adapter', cell: ({ product }) => product },
                { header: 'Tried', cell: ({ check }) => check },
                { header: 'State', cell: ({ state }) => <Status state={state} /> },
                { header: 'Found', cell: ({ found }) => found },
                { header: 'What to do', cell: ({ hint }) => hint ?? '' },
              ]}
            />
          )}
        </Loaded>
      ) : (
        <Text size="sm" p="md" className="mute">
          Every adapter is asked with the least permission it needs, each for 10 seconds at most. Nothing is changed.
        </Text>
      )}
    </Card>
  )
}
