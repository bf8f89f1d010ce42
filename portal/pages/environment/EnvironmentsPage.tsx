import { useQuery } from '@tanstack/react-query'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Environment } from '../../model.ts'
import { CopyCli } from '../../ui/Copy.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { UnownedDrift } from '../service/DriftList.tsx'
import { approvalOf, rollbackOf } from './EnvironmentFacts.tsx'

/** Environments in promotion order, who has to agree, and how many services stand in each. */
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
            <div className="card">
              <DataTable
                label="Environments"
                rows={items.toSorted((a, b) => a.spec.order - b.spec.order)}
                rowKey={({ metadata }) => metadata.name}
                empty={
                  <Empty title="No environment" body="One is a file in environments/ of the platform repository." />
                }
                columns={[
                  { header: 'Environment', cell: ({ metadata }) => <Named metadata={metadata} /> },
                  { header: 'Name', cell: ({ metadata }) => <code>{metadata.name}</code> },
                  { header: 'Approval', cell: ({ spec }) => approvalOf(spec) },
                  { header: 'Rollback', cell: ({ spec }) => rollbackOf(spec) },
                  { header: 'Services', cell: ({ metadata }) => <Standing name={metadata.name} /> },
                ]}
              />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Named({ metadata: { name, title, description } }: Pick<Environment, 'metadata'>) {
  return (
    <>
      <Go to={paths.environment(name)} fw={600}>
        {title ?? name}
      </Go>
      {description && <div className="mute">{description}</div>}
    </>
  )
}

/** How many services have a release there, and how many of them need a look. */
function Standing({ name }: { name: string }) {
  const services = useQuery(queries.services({ limit: 200 }))
  if (!services.data) return null
  const here = services.data.items.flatMap((service) =>
    service.environments.filter((at) => at.name === name && at.release),
  )
  const bad = here.filter(({ health, sync }) => health === 'degraded' || sync === 'failed' || sync === 'drifted').length
  return (
    <>
      {here.length}
      {services.data.next && ' or more'} {bad > 0 && <Status state="degraded" word={`${bad} need a look`} />}
    </>
  )
}
