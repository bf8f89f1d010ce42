import { Text } from '@mantine/core'
import { Go, GoButton } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import type { ServiceDetail } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { Card } from '../../ui/Card.tsx'
import { CopyText } from '../../ui/Copy.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { AttentionRows, ChangeRows, DeploymentRows, RunRows } from '../rows.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** What needs attention first, then what happened last and what is under way; facts with source and age. */
export function OverviewTab() {
  return <ServiceFrame tab="overview">{(service) => <Overview service={service} />}</ServiceFrame>
}

function Overview({ service }: { service: ServiceDetail }) {
  const { attention, openChanges, openRuns, deployments, name } = service
  return (
    <div className="stack">
      {attention.length > 0 && (
        <Card title="Needs attention" flush>
          <AttentionRows items={attention} />
        </Card>
      )}
      <div className="two">
        <div className="stack">
          {(openRuns.length > 0 || openChanges.length > 0) && (
            <Card title="Under way" flush>
              <RunRows runs={openRuns} />
              <ChangeRows changes={openChanges} />
            </Card>
          )}
          <Card title="Last deployments" flush aside={<Go to={paths.serviceTab(name, 'deployments')}>All</Go>}>
            {deployments.length > 0 ? (
              <DeploymentRows deployments={deployments} />
            ) : (
              <Empty
                title="Nothing was deployed yet"
                body="The first release deploys by itself once its pipeline passed."
                action={<GoButton to={`${paths.runs}?service=${name}`}>Runs of {name}</GoButton>}
              />
            )}
          </Card>
          <FactTable service={service} />
        </div>
        <Code service={service} />
      </div>
    </div>
  )
}

function Code({ service }: { service: ServiceDetail }) {
  const { repository, name, docs, madeFrom } = service
  return (
    <div className="stack">
      <Card title="Work on it">
        <Text size="sm" mb={4}>
          Clone {repository.name}; a push to {repository.defaultBranch} releases it.
        </Text>
        <CopyText text={`fairway clone ${name}`} label="Copy the clone command" />
        <Text size="sm" c="dimmed" mt={8}>
          Or with Git alone
        </Text>
        <CopyText text={`git clone ${repository.cloneUrl}`} label="Copy the Git command" />
      </Card>
      {madeFrom && (
        <Card title="Made from">
          <Go to={paths.createFrom(madeFrom.template)}>{madeFrom.template}</Go> at{' '}
          <code>{madeFrom.version.slice(0, 12)}</code>
          <Text size="sm" c="dimmed">
            {Object.entries(madeFrom.answers)
              .map(([key, value]) => `${key}: ${String(value)}`)
              .join(' · ')}
          </Text>
        </Card>
      )}
      <Card title="Docs">
        {docs.length > 0 ? (
          <ul className="plain">
            {docs.slice(0, 5).map(({ path, title }) => (
              <li key={path}>
                <Go to={`${paths.serviceTab(name, 'docs')}?page=${encodeURIComponent(path)}`}>{title}</Go>
              </li>
            ))}
          </ul>
        ) : (
          <Text size="sm">The repository has neither README.md nor docs/.</Text>
        )}
      </Card>
    </div>
  )
}

function FactTable({ service }: { service: ServiceDetail }) {
  return (
    <Card title="Facts" flush>
      <DataTable
        label="Facts"
        rows={service.facts}
        rowKey={({ name }) => name}
        empty={<Empty title="Nothing was read yet" />}
        columns={[
          { header: 'Fact', cell: ({ name }) => name },
          { header: 'Value', cell: ({ value }) => value },
          {
            header: 'Source',
            cell: ({ source }) => (
              <Text span size="sm" c="dimmed">
                {source}
              </Text>
            ),
          },
          { header: 'Read', cell: ({ readAt }) => <Ago at={readAt} /> },
        ]}
      />
    </Card>
  )
}
