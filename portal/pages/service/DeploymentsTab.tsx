import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go, GoButton } from '../../app/links.tsx'
import { changePath, paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { useAddress } from '../../app/search.ts'
import type { Deployment, ServiceDetail } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { shortVersion } from '../../ui/Copy.tsx'
import { type Column, DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Filters } from '../../ui/Filters.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { DriftList } from './DriftList.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** Every deployment with what came of it, and the way back to it. */
export function DeploymentsTab() {
  return <ServiceFrame tab="deployments">{(service) => <History service={service} />}</ServiceFrame>
}

function History({ service }: { service: ServiceDetail }) {
  const [address, set] = useAddress()
  const environment = address['environment']
  const history = useQuery(queries.deployments(service.name, environment))
  const facets = [{ name: 'environment', label: 'Environment', options: service.environments.map(({ name }) => name) }]
  return (
    <div className="stack">
      <Filters facets={facets} values={address} set={set} />
      <DriftList service={service.name} environment={environment} />
      <Loaded query={history} lines={8}>
        {({ items }) => (
          <div className="card">
            <DataTable
              label="Deployments"
              rows={items}
              columns={columnsFor(service)}
              rowKey={({ environment: at, commit }) => `${at} ${commit}`}
              empty={
                <Empty
                  title="Nothing was deployed here yet"
                  action={<GoButton to={`${paths.runs}?service=${service.name}`}>Runs of {service.name}</GoButton>}
                />
              }
            />
          </div>
        )}
      </Loaded>
      <Text size="sm" c="dimmed">
        Read from the history of the delivery repository; the outcome is the runtime's word.
      </Text>
    </div>
  )
}

function columnsFor(service: ServiceDetail): Column<Deployment>[] {
  return [
    {
      header: 'Release',
      cell: (one) => (
        <>
          <Go to={paths.release(one.service, one.version)}>
            <code title={one.version}>{shortVersion(one.version)}</code>
          </Go>
          {one.current && (
            <Text span size="sm" c="dimmed">
              {' '}
              now
            </Text>
          )}
        </>
      ),
    },
    { header: 'Environment', cell: (one) => one.environment },
    { header: 'How', cell: (one) => one.kind },
    {
      header: 'Outcome',
      cell: (one) => (
        <>
          <Status state={one.outcome} />
          {one.outcomeReason && (
            <Text size="sm" c="dimmed" maw={320}>
              {one.outcomeReason}
            </Text>
          )}
        </>
      ),
    },
    {
      header: 'By',
      cell: (one) =>
        one.pastPlatform
          ? `${one.requestedBy}, past the platform`
          : `${one.requestedBy}${one.approvedBy.length > 0 ? `, approved by ${one.approvedBy.join(', ')}` : ''}`,
    },
    { header: 'When', cell: (one) => <Ago at={one.at} /> },
    { header: 'Links', cell: (one) => <Links one={one} /> },
    { header: 'Go back', cell: (one) => <Back one={one} service={service} /> },
  ]
}

function Links({ one }: { one: Deployment }) {
  const change = changePath(one.change)
  return (
    <>
      {one.run && <Go to={paths.run(one.run)}>run</Go>} {change && <Go to={change}>change</Go>}
    </>
  )
}

function Back({ one, service }: { one: Deployment; service: ServiceDetail }) {
  const may = service.rollback.find(({ environment }) => environment === one.environment)
  if (one.current || !may?.can) return null
  return (
    <GoButton
      variant="default"
      size="compact-xs"
      to={`${paths.rollback(service.name)}?environment=${one.environment}&to=${one.commit}`}
      aria-label={`Roll back ${one.environment} to ${shortVersion(one.version)}`}
    >
      Roll back to this
    </GoButton>
  )
}
