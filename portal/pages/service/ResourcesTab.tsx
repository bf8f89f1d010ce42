import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../app/queries.ts'
import type { ServiceDetail } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { Card } from '../../ui/Card.tsx'
import { shortVersion } from '../../ui/Copy.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { EnvironmentPicker, useEnvironment } from './EnvironmentPicker.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** What the runtime says it runs, object by object, with its events. */
export function ResourcesTab() {
  return <ServiceFrame tab="resources">{(service) => <Resources service={service} />}</ServiceFrame>
}

function Resources({ service }: { service: ServiceDetail }) {
  const environment = useEnvironment(service)
  const live = useQuery(queries.resources(service.name, environment))
  return (
    <div className="stack">
      <div>
        <EnvironmentPicker service={service} />
      </div>
      <Loaded query={live} lines={8}>
        {({ resources, events, unavailable }) => (
          <>
            {unavailable && (
              <Alert variant="outline" color="yellow" title="The runtime cannot be asked">
                {unavailable}
              </Alert>
            )}
            <Card title="Objects" flush>
              <DataTable
                label="Objects"
                rows={resources}
                rowKey={({ kind, name }) => `${kind} ${name}`}
                empty={
                  <Empty
                    title={`Nothing runs in ${environment}`}
                    body="Objects appear with the first deployment there."
                  />
                }
                columns={[
                  {
                    header: 'Object',
                    cell: ({ kind, name }) => (
                      <>
                        <strong>{kind}</strong> {name}
                      </>
                    ),
                  },
                  {
                    header: 'Health',
                    cell: ({ health, enforced }) => (
                      <Status state={enforced ? health : 'skipped'} word={enforced ? undefined : 'Not enforced'} />
                    ),
                  },
                  { header: 'Instances', cell: ({ instances }) => <Instances instances={instances} /> },
                  {
                    header: 'Note',
                    cell: ({ note }) => (
                      <Text size="sm" c="dimmed">
                        {note}
                      </Text>
                    ),
                  },
                ]}
              />
            </Card>
            <Card title="Events" flush>
              <DataTable
                label="Events"
                rows={events}
                rowKey={({ at, reason, message }) => `${at} ${reason} ${message}`}
                empty={<Empty title="No event is kept for this environment" />}
                columns={[
                  { header: 'When', cell: ({ at }) => <Ago at={at} /> },
                  { header: 'Level', cell: ({ level }) => <Status state={level} /> },
                  { header: 'Reason', cell: ({ reason }) => reason },
                  { header: 'What happened', cell: ({ message }) => message },
                ]}
              />
            </Card>
          </>
        )}
      </Loaded>
    </div>
  )
}

interface Instance {
  readonly id: string
  readonly state: string
  readonly version: string
  readonly startedAt: string
  readonly restarts: number
  readonly lastExit?: string
}

function Instances({ instances }: { instances: readonly Instance[] }) {
  return (
    <>
      {instances.map((one) => (
        <div key={one.id}>
          <Status state={one.state} /> <code>{one.id}</code>{' '}
          <Text span size="sm" c="dimmed">
            {shortVersion(one.version)}, started <Ago at={one.startedAt} />
            {one.restarts > 0 && `, ${one.restarts} restarts`}
            {one.lastExit && `, last exit: ${one.lastExit}`}
          </Text>
        </div>
      ))}
    </>
  )
}
