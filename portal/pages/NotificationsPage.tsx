import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../app/api.ts'
import { Go } from '../app/links.tsx'
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

/** What I was told, newest first, and what I want to be told. */
export function NotificationsPage() {
  const [address, set] = useAddress()
  const kind = kinds.find((known) => known === address['kind'])
  const unread = address['unread'] === 'true'
  const found = useQuery(
    queries.notifications({ limit: 100, ...(kind && { kind }), ...(unread && { unread: 'true' as const }) }),
  )
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
        {({ items }) => (
          <div className="card">
            <DataTable
              label="Notifications"
              rows={items}
              columns={columnsOf((id) => mark.mutate([id]))}
              rowKey={({ id }) => id}
              empty={
                kind || unread ? (
                  <Empty
                    title="No notification matches these filters"
                    action={<Go to={paths.notifications}>Clear filters</Go>}
                  />
                ) : (
                  <Empty title="Nothing yet" body="What needs you, or went wrong, will be here." />
                )
              }
            />
          </div>
        )}
      </Loaded>
      <NotificationPreferences />
    </Page>
  )
}

function columnsOf(read: (id: string) => void): Column<Notification>[] {
  return [
    {
      header: 'What',
      cell: ({ title, path, readAt }) => (
        <Go to={path} fw={readAt ? 400 : 600}>
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
