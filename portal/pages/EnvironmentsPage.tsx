import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../app/queries.ts'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import type { Environment } from '../model.ts'
import { Card } from '../ui/Card.tsx'
import { CopyCli, shortVersion } from '../ui/Copy.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { Status } from '../ui/Status.tsx'
import { UnownedDrift } from './service/DriftList.tsx'
import { Facts } from './run/RunOutcome.tsx'

/** Environments in promotion order, their rules, and what stands in each. */
export function EnvironmentsPage() {
  const environments = useQuery(queries.environments())
  return (
    <Page
      title="Environments"
      subtitle="In promotion order, as environments/ of the platform repository says."
      actions={<CopyCli command="fairway env list" />}
    >
      <Loaded query={environments} lines={8}>
        {({ items }) => (
          <>
            <UnownedDrift />
            {items
              .toSorted((a, b) => a.spec.order - b.spec.order)
              .map((environment) => (
                <OneEnvironment key={environment.metadata.name} environment={environment} />
              ))}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function OneEnvironment({ environment }: { environment: Environment }) {
  const { metadata, spec } = environment
  const { name } = metadata
  const services = useQuery(queries.services({ limit: 200 }))
  const here = (services.data?.items ?? []).flatMap((service) =>
    service.environments
      .filter((at) => at.name === name && at.release)
      .map((at) => ({ service: service.name, owner: service.owner, at })),
  )
  return (
    <Card
      title={metadata.title ?? name}
      aside={
        <Text size="sm" c="dimmed">
          {metadata.description}
        </Text>
      }
      flush
    >
      <div className="halves">
        <Facts
          rows={[
            ['Name', name],
            ['Order', spec.order],
            ['Approval', spec.approval === 'none' ? 'none' : 'somebody who did not contribute'],
            ['Rollback', spec.rollback === 'immediate' ? 'at once' : 'with approval'],
            ['Rollout', `${spec.rolloutSeconds} s to become ready`],
            ['Replicas', spec.defaults.replicas],
            ['Memory', `${spec.defaults.resources.requests.memory} to ${spec.defaults.resources.limits.memory}`],
            ['CPU', `${spec.defaults.resources.requests.cpu} to ${spec.defaults.resources.limits.cpu}`],
            ['Images from', spec.registries.join(', ')],
            ['Logs kept', `${spec.logRetentionDays} days`],
          ]}
        />
        <DataTable
          label={`Services in ${name}`}
          rows={here}
          rowKey={({ service }) => service}
          empty={
            <Empty
              title={`No service in ${name} yet`}
              body={spec.order === 1 ? 'New services arrive here first.' : 'Services arrive here by promotion.'}
            />
          }
          columns={[
            {
              header: 'Service',
              cell: ({ service }) => (
                <Go to={paths.service(service)} fw={600}>
                  {service}
                </Go>
              ),
            },
            {
              header: 'Release',
              cell: ({ at }) =>
                at.release ? <code title={at.release.version}>{shortVersion(at.release.version)}</code> : '–',
            },
            { header: 'Health', cell: ({ at }) => <Status state={at.health} /> },
            { header: 'Sync', cell: ({ at }) => <Status state={at.sync} /> },
          ]}
        />
      </div>
    </Card>
  )
}
