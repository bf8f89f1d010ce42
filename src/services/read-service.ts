import { codeOf } from '#errors/platform-error.ts'
import type { AuditRecord } from '#model/audit.ts'
import type { ChangeRequest } from '#model/change-request.ts'
import type { Deployment, LiveResource, RuntimeEvent, ServiceInEnvironment } from '#model/deployment.ts'
import type { DocEntry } from '#model/doc-page.ts'
import type { CatalogEntity } from '#model/entity.ts'
import { repoName } from '#model/names.ts'
import type { Release } from '#model/release.ts'
import type { Run } from '#model/run.ts'
import { can } from '#access/can.ts'
import { listAudit } from '#store/audit.ts'
import { listDocs } from '#store/doc-page.ts'
import { findEntity } from '#store/entity.ts'
import { listReleases } from '#store/release.ts'
import { listRuns } from '#store/run.ts'
import type { ServiceRow } from '#store/service.ts'
import { adoptionBranch } from '#workflows/adopt/adoption.ts'
import type { Platform } from '#workflows/platform.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import { choosePromotion } from '#workflows/promote/promote.ts'
import { chooseEarlier } from '#workflows/rollback/rollback.ts'
import { environmentBefore } from '#workflows/settings.ts'
import { authorise, type Caller, requireService } from './caller.ts'
import { listChanges } from './changes.ts'
import { madeFrom, type ServiceSummary, summaryOf } from './read-services.ts'

export interface Attention {
  readonly service: string
  readonly environment?: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly reason: string
  readonly link: string
  readonly since?: string
}

interface Possible {
  environment: string
  can: boolean
  reason?: string
  from?: string
  version?: string
}

export interface ServiceDetail extends ServiceSummary {
  readonly entity: CatalogEntity
  readonly repository: { name: string; cloneUrl: string; defaultBranch: string; headCommit?: string }
  /** Absent for a repository that was adopted. */
  readonly madeFrom?: { template: string; version: string; answers: Record<string, unknown> }
  readonly attention: Attention[]
  readonly deployments: Deployment[]
  readonly openChanges: ChangeRequest[]
  readonly openRuns: Run[]
  readonly promote: Possible[]
  readonly rollback: Possible[]
  readonly facts: { name: string; value: string; source: string; readAt: string }[]
  readonly docs: DocEntry[]
}

/** A service on one page. Each fact says where it was read and when; what cannot be done says why. */
export async function readService(platform: Platform, caller: Caller, name: string): Promise<ServiceDetail> {
  authorise(caller, 'read')
  const row = await requireService(platform, name)
  const repo = serviceRepo({ service: name, owner: row.owner })
  const { files } = platform.ports.gitHost
  const [summary, entity, made, openChanges, openRuns, headCommit, docs] = await Promise.all([
    summaryOf(platform, row),
    findEntity(platform.db, `component:default/${name}`),
    madeFrom(platform, row),
    listChanges(platform, caller, { state: 'open', service: name, limit: 20 }),
    listRuns(platform.db, { service: name, states: ['queued', 'running', 'waiting'], limit: 20 }),
    files.resolve(repo, 'main'),
    listDocs(platform.db, { source: repoName(repo), limit: 200 }),
  ])
  const deployments = await recentDeployments(platform, { service: name, limit: 5 })
  const acts = await possibleActs(platform, caller, { name, owner: row.owner })
  const readAt = new Date().toISOString()
  return {
    ...summary,
    entity: entity ?? unregistered(name, readAt),
    repository: {
      name: `${repo.owner}/${repo.name}`,
      cloneUrl: platform.ports.gitHost.cloneUrl(repo),
      defaultBranch: 'main',
      ...(headCommit && { headCommit }),
    },
    ...(made.template !== '' && { madeFrom: made }),
    attention: [...adopting(row, openChanges), ...(await allAttention(platform, name, summary.environments))],
    deployments,
    openChanges,
    openRuns: [...openRuns],
    ...acts,
    facts: [
      {
        name: 'Owner',
        value: row.owner,
        source: entity ? `${entity.source}/catalog-info.yaml` : 'run that made it',
        readAt: entity?.readAt ?? row.createdAt,
      },
      {
        name: 'Golden path',
        value:
          made.template === '' ? 'none: the repository was adopted' : `${made.template} ${made.version.slice(0, 12)}`,
        source: made.template === '' ? 'run that adopted it' : `${repo.owner}/${repo.name}/.fairway/lock.yaml`,
        readAt,
      },
      {
        name: 'Newest commit',
        value: headCommit?.slice(0, 12) ?? 'none',
        source: `${repo.owner}/${repo.name}, branch main`,
        readAt,
      },
    ],
    docs,
  }
}

/** Deployments over all environments, newest first. */
export async function recentDeployments(
  platform: Platform,
  { service, environment, limit }: { service: string; environment?: string | undefined; limit: number },
): Promise<Deployment[]> {
  const { environments } = await platform.settings()
  const names = environments
    .map((candidate) => candidate.metadata.name)
    .filter((candidate) => !environment || candidate === environment)
  const all = await Promise.all(
    names.map((candidate) => deploymentsIn(platform, { service, environment: candidate }, limit)),
  )
  return all
    .flat()
    .toSorted((a, b) => b.at.localeCompare(a.at))
    .slice(0, limit)
}

export async function readReleases(
  platform: Platform,
  caller: Caller,
  { name, limit }: { name: string; limit: number },
): Promise<Release[]> {
  authorise(caller, 'read')
  await requireService(platform, name)
  return [...(await listReleases(platform.db, name, limit))]
}

export async function readDeployments(
  platform: Platform,
  caller: Caller,
  { name, environment, limit }: { name: string; environment?: string | undefined; limit: number },
): Promise<Deployment[]> {
  authorise(caller, 'read')
  await requireService(platform, name)
  return recentDeployments(platform, { service: name, limit, environment })
}

/** What runs in an environment. A runtime that cannot be asked is said, with what it answered. */
export async function readResources(
  platform: Platform,
  caller: Caller,
  { name, environment }: { name: string; environment: string },
): Promise<{ resources: LiveResource[]; events: RuntimeEvent[]; unavailable?: string }> {
  authorise(caller, 'read')
  await requireService(platform, name)
  const place = { service: name, environment }
  const signal = AbortSignal.timeout(5_000)
  try {
    const [resources, events] = await Promise.all([
      platform.ports.delivery.resources(place, signal),
      platform.ports.delivery.events(place, 100, signal),
    ])
    return { resources: [...resources], events: [...events] }
  } catch (error) {
    return { resources: [], events: [], unavailable: (error as Error).message }
  }
}

/** Audit records about a service, its runs and its changes; team members and whoever may read the audit log. */
export async function readActivity(
  platform: Platform,
  caller: Caller,
  { name, before, limit }: { name: string; before?: number | undefined; limit: number },
): Promise<AuditRecord[]> {
  const { owner } = await requireService(platform, name)
  authorise(caller, 'audit.read', owner)
  const runs = await listRuns(platform.db, { service: name, limit: 200 })
  const objects = [
    `service:${name}`,
    ...runs.map((run) => `run:${run.id}`),
    ...runs.flatMap((run) => (typeof run.result?.['change'] === 'string' ? [`change:${run.result['change']}`] : [])),
  ]
  return [...(await listAudit(platform.db, { objects, limit, ...(before && { beforeSeq: before }) }))]
}

async function allAttention(
  platform: Platform,
  name: string,
  environments: readonly ServiceInEnvironment[],
): Promise<Attention[]> {
  const standing = attentionOf(name, environments)
  const failed = await failedRuns(platform, name)
  // a rollout that failed is told by its environment; the run would say the same again
  return [...standing, ...failed.filter(({ reason }) => !standing.some((one) => reason.endsWith(one.reason)))]
}

export function attentionOf(service: string, environments: readonly ServiceInEnvironment[]): Attention[] {
  return environments.flatMap((environment): Attention[] => {
    const link = `/catalog/component/default/${service}/deployments?environment=${environment.name}`
    const base = {
      service,
      environment: environment.name,
      link,
      ...(environment.deployedAt && { since: environment.deployedAt }),
    }
    if (environment.drift)
      return [
        { ...base, severity: 'warning' as const, reason: environment.drift.summary, since: environment.drift.since },
      ]
    if (environment.health === 'degraded')
      return [{ ...base, severity: 'error' as const, reason: environment.reason ?? 'not healthy' }]
    if (environment.health === 'unknown' || environment.sync === 'unknown')
      return [{ ...base, severity: 'warning' as const, reason: environment.reason ?? 'the runtime cannot be asked' }]
    return []
  })
}

function adopting(row: ServiceRow, openChanges: readonly ChangeRequest[]): Attention[] {
  if (row.state !== 'adopting') return []
  const change = openChanges.find(({ head }) => head === adoptionBranch)
  const what = change ? `merge ${change.id}` : 'its adoption goes on'
  const link = change ? `/changes/${change.id.replace('#', '/')}` : `/runs/${row.run}`
  return [
    { service: row.name, severity: 'warning', reason: `not yet on the path: ${what}`, link, since: row.createdAt },
  ]
}

async function failedRuns(platform: Platform, service: string): Promise<Attention[]> {
  const [last] = await listRuns(platform.db, { service, limit: 1 })
  if (last?.state !== 'failed') return []
  return [
    {
      service,
      severity: 'error',
      reason: `${last.workflow} failed: ${last.error?.detail ?? 'see the run'}`,
      link: `/runs/${last.id}`,
      ...(last.finishedAt && { since: last.finishedAt }),
    },
  ]
}

async function possibleActs(
  platform: Platform,
  caller: Caller,
  { name, owner }: { name: string; owner: string },
): Promise<{ promote: Possible[]; rollback: Possible[] }> {
  const settings = await platform.settings()
  const targets = settings.environments.map((environment) => environment.metadata.name)
  const promote = targets
    .filter((target) => environmentBefore(settings, target))
    .map(async (environment) => {
      const from = environmentBefore(settings, environment)?.metadata.name ?? ''
      const outcome = await possible(() => choosePromotion(platform, { service: name, owner, environment }))
      return { environment, from, ...refused(can(caller.person, 'service.promote', owner), outcome) }
    })
  const rollback = targets.map(async (environment) => {
    const outcome = await possible(async () => (await chooseEarlier(platform, { service: name, environment })).target)
    return { environment, ...refused(can(caller.person, 'service.rollback', owner), outcome) }
  })
  return { promote: await Promise.all(promote), rollback: await Promise.all(rollback) }
}

async function possible(
  ask: () => Promise<{ version: string }>,
): Promise<{ can: boolean; reason?: string; version?: string }> {
  try {
    return { can: true, version: (await ask()).version }
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return { can: false, reason: (error as Error).message }
  }
}

function refused(may: boolean, outcome: { can: boolean; reason?: string; version?: string }) {
  return may ? outcome : { ...outcome, can: false, reason: 'your role does not allow it' }
}

function unregistered(name: string, readAt: string): CatalogEntity {
  return {
    ref: `component:default/${name}`,
    entity: {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: { name, namespace: 'default', annotations: {}, labels: {}, tags: [], links: [] },
      spec: {},
      relations: [],
    },
    source: 'none yet: the run that makes the service registers it',
    readAt,
    problem: 'not registered in the catalog yet',
  }
}
