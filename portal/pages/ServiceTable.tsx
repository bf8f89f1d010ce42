import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import type { ServiceInEnvironment, ServiceSummary } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { shortVersion } from '../ui/Copy.tsx'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { Status } from '../ui/Status.tsx'
import { WebLink } from '../ui/WebLink.tsx'

/** Services in a table: owner, release per environment, health and sync apart, age of the fact. */
export function ServiceTable({ services, empty }: { services: readonly ServiceSummary[]; empty: ReactNode }) {
  const environments = [...new Set(services.flatMap((service) => service.environments.map(({ name }) => name)))]
  const columns: Column<ServiceSummary>[] = [
    {
      header: 'Service',
      cell: (service) => (
        <>
          <Go to={paths.service(service.name)} fw={600}>
            {service.name}
          </Go>
          {!service.onPath && (
            <>
              {' '}
              <Status state="adopting" />
            </>
          )}
        </>
      ),
    },
    { header: 'Owner', cell: (service) => <Go to={`${paths.catalog}?owner=${service.owner}`}>{service.owner}</Go> },
    ...environments.map((name) => ({
      header: name,
      cell: (service: ServiceSummary) => (
        <ReleaseCell at={service.environments.find((candidate) => candidate.name === name)} />
      ),
    })),
    { header: 'Health', cell: (service) => <Status state={service.health} /> },
    { header: 'Sync', cell: (service) => <Status state={service.sync} /> },
    { header: 'Lifecycle', cell: (service) => service.lifecycle },
    { header: 'Packaging', cell: (service) => service.packaging },
    { header: 'Read', cell: (service) => <Ago at={service.readAt} /> },
  ]
  return <DataTable label="Services" rows={services} columns={columns} rowKey={({ name }) => name} empty={empty} />
}

function ReleaseCell({ at }: { at: ServiceInEnvironment | undefined }) {
  if (!at?.release)
    return (
      <Text span c="dimmed" size="sm">
        –
      </Text>
    )
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      <Status state={at.health} quiet /> <span className="mono">{shortVersion(at.release.version)}</span>
      {at.url && (
        <>
          {' '}
          <WebLink href={at.url} inherit aria-label={`Open ${at.name}`}>
            open
          </WebLink>
        </>
      )}
    </span>
  )
}
