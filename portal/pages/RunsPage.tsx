import { useQuery } from '@tanstack/react-query'
import { Go, GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import { runStates } from '../../src/model/run-states.ts'
import type { Run } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Filters } from '../ui/Filters.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'
import { lasting, secondsBetween } from '../ui/time.ts'
import { runTitle } from './rows.tsx'

const workflows = [
  'create-service',
  'release',
  'promote',
  'rollback',
  'undo',
  'check',
  'revert-drift',
  'adopt-drift',
  'repair-drift',
  'render-cluster',
  'adopt-service',
]
const facets = [
  { name: 'service', label: 'Service' },
  { name: 'state', label: 'State', options: runStates },
  { name: 'workflow', label: 'Kind', options: workflows },
  { name: 'mine', label: 'Mine', options: ['true'] },
]

const columns: Column<Run>[] = [
  {
    header: 'Run',
    cell: (run) => (
      <Go to={paths.run(run.id)} fw={600}>
        {runTitle(run)}
      </Go>
    ),
  },
  { header: 'State', cell: (run) => <Status state={run.state} /> },
  { header: 'Started', cell: (run) => <Ago at={run.startedAt} /> },
  { header: 'Took', cell: (run) => lasting(secondsBetween(run.startedAt, run.finishedAt) ?? 0), right: true },
  { header: 'By', cell: (run) => run.requestedBy },
  {
    header: 'Why it stands there',
    cell: (run) => run.error?.detail ?? (run.waitingFor && `for ${run.waitingFor}`) ?? '',
  },
]

/** Every durable run, newest first. */
export function RunsPage() {
  const [address, set] = useAddress()
  const { service, state, workflow, mine } = address
  const filter = {
    ...(service && { service }),
    ...(state && { state }),
    ...(workflow && { workflow }),
    ...(mine && { mine }),
  }
  const runs = useQuery(queries.runs({ limit: 100, ...filter }))
  const filtered = Object.keys(filter).length > 0
  return (
    <Page
      title="Runs"
      actions={
        <CopyCli
          command={`fairway run list${service ? ` --service ${service}` : ''}${state ? ` --state ${state}` : ''}`}
        />
      }
    >
      <Filters facets={facets} values={address} set={set} />
      <Loaded query={runs} lines={10}>
        {({ items }) => (
          <div className="card">
            <DataTable
              label="Runs"
              rows={items}
              columns={columns}
              rowKey={({ id }) => id}
              empty={
                filtered ? (
                  <Empty title="No run matches these filters" action={<Go to={paths.runs}>Clear filters</Go>} />
                ) : (
                  <Empty
                    title="Nothing ran yet"
                    body="A run starts when you create, promote or roll back, and at every push."
                    action={<GoButton to={paths.create}>Create a service</GoButton>}
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
