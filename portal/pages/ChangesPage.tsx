import { useQuery } from '@tanstack/react-query'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import type { ChangeRequest } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { CopyCli, withShortVersions } from '../ui/Copy.tsx'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Filters } from '../ui/Filters.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'

const facets = [
  { name: 'service', label: 'Service' },
  { name: 'state', label: 'State', options: ['open', 'merged', 'closed'] },
  { name: 'kind', label: 'Repository', options: ['service', 'delivery', 'platform'] },
  { name: 'mine', label: 'Mine', options: ['true'] },
]

const columns: Column<ChangeRequest>[] = [
  {
    header: 'Change request',
    cell: (change) => (
      <Go to={paths.change(change)} fw={600}>
        {withShortVersions(change.title)}
      </Go>
    ),
  },
  { header: 'State', cell: ({ state }) => <Status state={state} /> },
  { header: 'Checks', cell: (change) => <Checks change={change} /> },
  {
    header: 'Approval',
    cell: ({ approval, state }) =>
      !approval.needed
        ? 'not needed'
        : approval.given
          ? 'given'
          : state === 'open'
            ? `by ${approval.mayApprove}`
            : 'not given',
  },
  { header: 'Repository', cell: ({ id }) => id },
  { header: 'By', cell: ({ author }) => author },
  { header: 'Opened', cell: ({ createdAt }) => <Ago at={createdAt} /> },
]

/** Change requests of every repository, newest first. */
export function ChangesPage() {
  const [address, set] = useAddress()
  const { service, state, kind, mine } = address
  const filter = {
    ...(service && { service }),
    ...(state && { state: state as 'open' }),
    ...(kind && { kind: kind as 'service' }),
    ...(mine && { mine }),
  }
  const changes = useQuery(queries.changes({ limit: 100, ...filter }))
  return (
    <Page title="Changes" actions={<CopyCli command={`fairway change list${state ? ` --state ${state}` : ''}`} />}>
      <Filters facets={facets} values={address} set={set} />
      <Loaded query={changes} lines={10}>
        {({ items }) => (
          <div className="card">
            <DataTable
              label="Change requests"
              rows={items}
              columns={columns}
              rowKey={({ id }) => id}
              empty={
                Object.keys(filter).length > 0 ? (
                  <Empty
                    title="No change request matches these filters"
                    action={<Go to={paths.changes}>Clear filters</Go>}
                  />
                ) : (
                  <Empty
                    title="No change requests yet"
                    body="Every deployment, promotion and rollback is one; a pushed branch becomes one with: fairway change open"
                  />
                )
              }
            />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function Checks({ change }: { change: ChangeRequest }) {
  const { checks } = change
  if (checks.length === 0) return <>none</>
  const state = checks.some((check) => check.state === 'failure')
    ? 'failure'
    : checks.some((check) => check.state === 'pending')
      ? 'pending'
      : 'success'
  return <Status state={state} />
}
