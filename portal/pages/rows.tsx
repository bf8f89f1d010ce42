import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import type { Attention, ChangeRequest, Deployment, Run } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { shortVersion, withShortVersions } from '../ui/Copy.tsx'
import { Status } from '../ui/Status.tsx'

const workflows: Readonly<Record<Run['workflow'], string>> = {
  'create-service': 'Create',
  'adopt-service': 'Adopt',
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

/** One line of a list: its state, what it is, and who and when at the end. */
function Row({ state, word, meta, children }: { state: string; word?: string; meta?: ReactNode; children: ReactNode }) {
  return (
    <li className="row">
      <Status state={state} word={word} />
      <div>{children}</div>
      <span className="meta">{meta}</span>
    </li>
  )
}

export function RunRows({ runs }: { runs: readonly Run[] }) {
  return (
    <ul className="rows">
      {runs.map((run) => (
        <Row
          key={run.id}
          state={run.state}
          meta={
            <>
              {run.requestedBy}, <Ago at={run.startedAt} />
            </>
          }
        >
          <Go to={paths.run(run.id)} fw={600}>
            {runTitle(run)}
          </Go>
        </Row>
      ))}
    </ul>
  )
}

export function ChangeRows({ changes }: { changes: readonly ChangeRequest[] }) {
  return (
    <ul className="rows">
      {changes.map((change) => (
        <Row
          key={change.id}
          state={change.state}
          meta={
            <>
              {change.author}, <Ago at={change.createdAt} />
            </>
          }
        >
          <Go to={paths.change(change)} fw={600}>
            {withShortVersions(change.title)}
          </Go>{' '}
          <Text span size="sm" c="dimmed">
            {change.id}
          </Text>
        </Row>
      ))}
    </ul>
  )
}

export function DeploymentRows({ deployments }: { deployments: readonly Deployment[] }) {
  return (
    <ul className="rows">
      {deployments.map((deployment) => (
        <Row
          key={`${deployment.environment} ${deployment.commit}`}
          state={deployment.outcome}
          meta={
            <>
              {deployment.requestedBy}, <Ago at={deployment.at} />
            </>
          }
        >
          <Go
            to={`${paths.serviceTab(deployment.service, 'deployments')}?environment=${deployment.environment}`}
            fw={600}
          >
            {deployment.service} {shortVersion(deployment.version)}
          </Go>{' '}
          to {deployment.environment}{' '}
          <Text span size="sm" c="dimmed">
            {deployment.kind}
          </Text>
          {deployment.outcomeReason && (
            <Text size="sm" c="dimmed">
              {deployment.outcomeReason}
            </Text>
          )}
        </Row>
      ))}
    </ul>
  )
}

export function AttentionRows({ items }: { items: readonly Attention[] }) {
  return (
    <ul className="rows">
      {items.map((item) => (
        <Row
          key={`${item.service} ${item.environment} ${item.reason}`}
          state={item.severity}
          meta={
            item.since && (
              <>
                since <Ago at={item.since} />
              </>
            )
          }
        >
          <Go to={item.link} fw={600}>
            {item.service}
            {item.environment && ` in ${item.environment}`}
          </Go>{' '}
          {item.reason}
        </Row>
      ))}
    </ul>
  )
}
