import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Run, ServiceDetail } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyText } from '../../ui/Copy.tsx'
import { Facts } from './RunOutcome.tsx'

/** What a create run left where, as far as it is there by now: every place is a link. */
export function WhereItIs({ run }: { run: Run }) {
  const done = (step: string) => run.steps.some(({ name, state }) => name === step && state === 'succeeded')
  const service = useQuery({
    ...queries.service(run.service ?? ''),
    enabled: Boolean(run.service) && done('register-catalog'),
  })
  const rows = [
    ...(done('push-skeleton') && service.data ? repositoryRows(service.data) : []),
    ...(done('register-catalog') && run.service ? catalogRows(run.service) : []),
    ...(done('merge-change') && run.environment
      ? [['Manifests', `fairway/delivery, envs/${run.environment}/${run.service}`] as const]
      : []),
    ...(done('watch-rollout') && service.data ? runningRows(service.data, run) : []),
  ]
  return (
    <Card title="Where it is now">
      {rows.length > 0 ? (
        <Facts rows={rows} />
      ) : (
        <Text size="sm">Nothing exists yet: answers are checked and the golden path is rendered first.</Text>
      )}
    </Card>
  )
}

type Row = readonly [string, ReactNode]

function repositoryRows({ repository, name }: ServiceDetail): Row[] {
  const clone = `fairway clone ${name}`
  return [
    ['Code', repository.name],
    ['Clone it', <CopyText key="c" text={clone} label="Copy the clone command" />],
  ]
}

function catalogRows(service: string): Row[] {
  return [
    [
      'Catalog',
      <Go key="c" to={paths.service(service)}>
        {service}
      </Go>,
    ],
  ]
}

function runningRows({ name }: ServiceDetail, { environment }: Run): Row[] {
  return [
    [
      'Logs',
      <Go key="l" to={`${paths.serviceTab(name, 'logs')}?environment=${environment}`}>
        Log lines of {name} in {environment}
      </Go>,
    ],
  ]
}
