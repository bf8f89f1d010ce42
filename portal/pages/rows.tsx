import { Text } from '@mantine/core'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import type { Attention, ChangeRequest, Deployment, Run } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { shortVersion } from '../ui/Copy.tsx'
import { Status } from '../ui/Status.tsx'

const workflows: Readonly<Record<Run['workflow'], string>> = {
  'create-service': 'Create',
  release: 'Release',
  promote: 'Promote',
  rollback: 'Roll back',
  undo: 'Undo',
  check: 'Check',
  'revert-drift': 'Revert drift of',
  'adopt-drift': 'Adopt drift of',
  'repair-drift': 'Repair',
  'render-cluster': 'Write clusters of',
}

/** What a run does, as people say it: `Promote shop to staging`. */
export function runTitle({
  workflow,
  service,
  environment,
}: Pick<Run, 'workflow' | 'service' | 'environment'>): string {
  const where =
    environment &&
    (workflow === 'promote' || workflow === 'release'
      ? ` to ${environment}`
      : workflow === 'rollback' || workflow.endsWith('-drift')
        ? ` in ${environment}`
        : '')
  return `${workflows[workflow]}${service ? ` ${service}` : ''}${where ?? ''}`
}

export function RunRows({ runs }: { runs: readonly Run[] }) {
  return (
    <ul className="rows">
      {runs.map((run) => (
        <li key={run.id}>
          <Go to={paths.run(run.id)} fw={600}>
            {runTitle(run)}
          </Go>{' '}
          <Status state={run.state} />{' '}
          <Text span size="sm" c="dimmed">
            by {run.requestedBy}, <Ago at={run.startedAt} />
          </Text>
        </li>
      ))}
    </ul>
  )
}

export function ChangeRows({ changes }: { changes: readonly ChangeRequest[] }) {
  return (
    <ul className="rows">
      {changes.map((change) => (
        <li key={change.id}>
          <Go to={paths.change(change)} fw={600}>
            {change.title}
          </Go>{' '}
          <Status state={change.state} />{' '}
          <Text span size="sm" c="dimmed">
            {change.id} by {change.author}, <Ago at={change.createdAt} />
          </Text>
        </li>
      ))}
    </ul>
  )
}

export function DeploymentRows({ deployments }: { deployments: readonly Deployment[] }) {
  return (
    <ul className="rows">
      {deployments.map((deployment) => (
        <li key={`${deployment.environment} ${deployment.commit}`}>
          <Status state={deployment.outcome} />{' '}
          <Go
            to={`${paths.serviceTab(deployment.service, 'deployments')}?environment=${deployment.environment}`}
            fw={600}
          >
            {deployment.service} {shortVersion(deployment.version)}
          </Go>{' '}
          to {deployment.environment}{' '}
          <Text span size="sm" c="dimmed">
            ({deployment.kind}) by {deployment.requestedBy}, <Ago at={deployment.at} />
          </Text>
          {deployment.outcomeReason && (
            <Text size="sm" c="dimmed">
              {deployment.outcomeReason}
            </Text>
          )}
        </li>
      ))}
    </ul>
  )
}

export function AttentionRows({ items }: { items: readonly Attention[] }) {
  return (
    <ul className="rows">
      {items.map((item) => (
        <li key={`${item.service} ${item.environment} ${item.reason}`}>
          <Status state={item.severity} />{' '}
          <Go to={item.link} fw={600}>
            {item.service}
            {item.environment && ` in ${item.environment}`}
          </Go>
          : {item.reason}{' '}
          {item.since && (
            <Text span size="sm" c="dimmed">
              since <Ago at={item.since} />
            </Text>
          )}
        </li>
      ))}
    </ul>
  )
}
