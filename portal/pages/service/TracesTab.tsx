import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { useAddress } from '../../app/search.ts'
import type { ServiceDetail } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Filters } from '../../ui/Filters.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { EnvironmentPicker, useEnvironment } from './EnvironmentPicker.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

const facets = [
  { name: 'slower', label: 'Slower than (ms)', options: ['10', '50', '100', '500', '1000'] },
  { name: 'minutes', label: 'Minutes back', options: ['15', '60', '360', '1440'] },
]

/** Recent traces, newest first. */
export function TracesTab() {
  return <ServiceFrame tab="traces">{(service) => <Traces service={service} />}</ServiceFrame>
}

function Traces({ service }: { service: ServiceDetail }) {
  const [address, set] = useAddress()
  const environment = useEnvironment(service)
  const { slower, minutes } = address
  const query = {
    environment,
    minutes: Number(minutes) || 60,
    limit: 100,
    ...(Number(slower) > 0 && { minDurationMs: Number(slower) }),
  }
  const traces = useQuery(queries.traces(service.name, query))
  return (
    <div className="stack">
      <Group gap="sm" align="flex-end">
        <EnvironmentPicker service={service} />
        <Filters facets={facets} values={address} set={set} />
      </Group>
      <Loaded query={traces} lines={8}>
        {({ items }) => (
          <div className="card">
            <DataTable
              label="Traces"
              rows={items}
              rowKey={({ traceId }) => traceId}
              empty={
                <Empty
                  title={`No trace from ${environment} in this time`}
                  body="Open the service's address once; its requests are traced from the first one."
                />
              }
              columns={[
                {
                  header: 'Request',
                  cell: (trace) => (
                    <Go to={`${paths.trace(service.name, trace.traceId)}?environment=${environment}`} fw={600}>
                      {trace.name}
                    </Go>
                  ),
                },
                { header: 'Result', cell: ({ error }) => <Status state={error ? 'error' : 'ok'} /> },
                {
                  header: 'Took',
                  cell: ({ durationMs }) => `${durationMs.toFixed(durationMs < 10 ? 2 : 0)} ms`,
                  right: true,
                },
                { header: 'Spans', cell: ({ spans }) => spans, right: true },
                { header: 'Services', cell: ({ services }) => services.join(', ') },
                { header: 'When', cell: ({ startedAt }) => <Ago at={startedAt} /> },
              ]}
            />
          </div>
        )}
      </Loaded>
    </div>
  )
}
