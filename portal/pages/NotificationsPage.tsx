import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../app/api.ts'
import { Go, GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import type { Notification, NotificationKind } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Filters } from '../ui/Filters.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { NotificationPreferences } from './NotificationPreferences.tsx'

const kinds: readonly NotificationKind[] = ['approval-waiting', 'run-failed', 'rolled-back']
const facets = [
  { name: 'kind', label: 'Kind', options: kinds },
  { name: 'unread', label: 'Unread', options: ['true'] },
]

const pageSize = 50

/** What I was told, newest first, page by page, and what I want to be told. Who opens one has read it. */
export function NotificationsPage() {
  const [address, set] = useAddress()
  const kind = kinds.find((known) => known === address['kind'])
  const unread = address['unread'] === 'true'
  const cursor = address['cursor']
  const filter = { ...(kind && { kind }), ...(unread && { unread: 'true' as const }) }
  const found = useQuery(queries.notifications({ limit: pageSize, ...filter, ...(cursor && { cursor }) }))
  const client = useQueryClient()
  const mark = useMutation({
    mutationFn: (ids?: string[]) => data(api.POST('/api/v1/notifications/read', { body: ids ? { ids } : {} })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['notifications'] }),
  })
  return (
    <Page
      title="Notifications"
      subtitle="Approvals that wait for you, runs of yours that failed, and rollbacks of your teams’ services."
      actions={
        <>
          <CopyCli command={`fairway notifications list${unread ? ' --unread' : ''}`} />
          <Button
            variant="default"
            disabled={!found.data?.unread}
            loading={mark.isPending}
            onClick={() => mark.mutate(undefined)}
          >
            Mark all as read
          </Button>
        </>
      }
    >
      <Filters facets={facets} values={address} set={set} />
      {mark.error && <Failure error={mark.error} />}
      <Loaded query={found} lines={8}>
        {({ items, next }) => (
          <>
            <div className="card">
              <DataTable
                label="Notifications"
                rows={items}
                columns={columnsOf((id) => mark.mutate([id]))}
                rowKey={({ id }) => id}
                empty={<NothingHere isFiltered={kind !== undefined || unread} isOlder={cursor !== undefined} />}
              />
            </div>
            {(cursor !== undefined || next) && (
              <div>
                {cursor !== undefined && (
                  <GoButton variant="default" mr="xs" to={pageOf(filter)}>
                    Newest
                  </GoButton>
                )}
                {next && (
                  <GoButton variant="default" to={pageOf({ ...filter, cursor: next })}>
                    Older notifications
                  </GoButton>
                )}
              </div>
            )}
          </>
        )}
      </Loaded>
      <NotificationPreferences />
    </Page>
  )
}

const pageOf = (search: Record<string, string>): string =>
  `${paths.notifications}?${new URLSearchParams(search).toString()}`

function NothingHere({ isFiltered, isOlder }: { isFiltered: boolean; isOlder: boolean }) {
  if (isFiltered)
    return (
      <Empty title="No notification matches these filters" action={<Go to={paths.notifications}>Clear filters</Go>} />
    )
  if (isOlder) return <Empty title="Nothing older" body="What was told 90 days ago is gone." />
  return <Empty title="Nothing yet" body="What needs you, or went wrong, will be here." />
}

function columnsOf(read: (id: string) => void): Column<Notification>[] {
  return [
    {
      header: 'What',
      cell: ({ id, title, path, readAt }) => (
        <Go to={path} fw={readAt ? 400 : 600} onOpen={readAt ? undefined : () => read(id)}>
          {title}
        </Go>
      ),
    },
    { header: 'When', cell: ({ at }) => <Ago at={at} /> },
    {
      header: 'Read',
      cell: ({ id, title, readAt }) =>
        readAt ? (
          'yes'
        ) : (
          <Button size="compact-sm" variant="subtle" aria-label={`Mark as read: ${title}`} onClick={() => read(id)}>
            Mark as read
          </Button>
        ),
    },
  ]
}
