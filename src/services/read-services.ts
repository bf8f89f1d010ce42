import { z } from 'zod'
import { codeOf } from '#errors/platform-error.ts'
import type { Health, ServiceInEnvironment, ServiceStatus, Sync } from '#model/deployment.ts'
import { type CatalogEntity, Packaging, packagingAnnotation } from '#model/entity.ts'
import { type DriftRow, listDrift } from '#store/drift.ts'
import { findEntity } from '#store/entity.ts'
import { listServices, type ServiceRow } from '#store/service.ts'
import type { Platform } from '#workflows/platform.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Environment } from '#model/environment.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import { authorise, type Caller, requireService } from './caller.ts'
import { pageOfServices } from './page-of-services.ts'

export interface ServiceSummary {
  readonly name: string
  readonly owner: string
  readonly title: string
  readonly description: string
  readonly lifecycle: string
  readonly template?: string
  /** Whether main says what the service is; not while its adoption waits for the merge. */
  readonly onPath: boolean
  readonly packaging: Packaging
  readonly environments: ServiceInEnvironment[]
  readonly sync: Sync
  readonly health: Health
  readonly readAt: string
}

/** The contract of `fairway status NAME --json`. */
export async function readStatus(platform: Platform, caller: Caller, name: string): Promise<ServiceStatus> {
  authorise(caller, 'read')
  const row = await requireService(platform, name)
  const entity = await findEntity(platform.db, entityOf(name))
  return {
    service: name,
    owner: row.owner,
    packaging: packagedAs(entity),
    environments: await environmentsOf(platform, name),
  }
}

/** What the catalog was told when the repository was read; `score` is the default path. */
function packagedAs(entity: CatalogEntity | undefined): Packaging {
  return Packaging.catch('score').parse(entity?.entity.metadata.annotations?.[packagingAnnotation])
}

/** How a service stands in every environment, Git's word and the runtime's together. */
export async function environmentsOf(platform: Platform, service: string): Promise<ServiceInEnvironment[]> {
  const { environments } = await platform.settings()
  const open = await listDrift(platform.db, { open: true, service, limit: 50 })
  return Promise.all(
    environments.map(async (environment) =>
      withDrift(
        await inEnvironment(platform, service, environment),
        open.find((drift) => drift.environment === environment.metadata.name),
      ),
    ),
  )
}

/** Drift outranks every other word of sync: what runs is not what was approved. */
function withDrift(standing: ServiceInEnvironment, drift: DriftRow | undefined): ServiceInEnvironment {
  if (!drift) return standing
  const { id, kind, summary, since } = drift
  return { ...standing, sync: 'drifted', reason: standing.reason ?? summary, drift: { id, kind, summary, since } }
}

export interface ServiceFilter {
  readonly owner?: string | undefined
  readonly q?: string | undefined
  readonly health?: Health | undefined
  readonly sync?: Sync | undefined
  readonly cursor?: string | undefined
  readonly limit: number
  readonly packaging?: Packaging | undefined
  /** False: only services whose adoption waits for its merge. */
  readonly onPath?: boolean | undefined
}

/** Services by name, with how each stands. */
export async function listServiceSummaries(
  platform: Platform,
  caller: Caller,
  filter: ServiceFilter,
): Promise<{ items: ServiceSummary[]; next?: string; total: number }> {
  authorise(caller, 'read')
  const { health, sync, onPath } = filter
  const named = await namedServices(platform, filter)
  const placed = onPath === undefined ? named : named.filter((row) => isOnPath(row) === onPath)
  return pageOfServices(await packagedSo(platform, placed, filter.packaging), filter, {
    read: (row) => summaryOf(platform, row),
    keeps: (item) => (!health || item.health === health) && (!sync || item.sync === sync),
  })
}

async function packagedSo(
  { db }: Platform,
  rows: readonly ServiceRow[],
  packaging: Packaging | undefined,
): Promise<readonly ServiceRow[]> {
  if (!packaging) return rows
  const found = await Promise.all(rows.map(async ({ name }) => packagedAs(await findEntity(db, entityOf(name)))))
  return rows.filter((_, index) => found[index] === packaging)
}

function entityOf(service: string): string {
  return `component:default/${service}`
}

/** Services by name, of an owner or with a word in their name. */
export async function namedServices(
  { db }: Platform,
  { owner, q }: Pick<ServiceFilter, 'owner' | 'q'>,
): Promise<ServiceRow[]> {
  const rows = await listServices(db, owner ? { owner } : {})
  return rows.filter(({ name }) => !q || name.includes(q.toLowerCase()))
}

function isOnPath({ state }: ServiceRow): boolean {
  return state !== 'adopting'
}

/** A service in one line of a list. */
export async function summaryOf(platform: Platform, row: ServiceRow): Promise<ServiceSummary> {
  const [environments, entity] = await Promise.all([
    environmentsOf(platform, row.name),
    findEntity(platform.db, entityOf(row.name)),
  ])
  const spec = entity?.entity.spec ?? {}
  return {
    name: row.name,
    owner: row.owner,
    title: entity?.entity.metadata.title ?? row.name,
    description: entity?.entity.metadata.description ?? '',
    lifecycle: typeof spec['lifecycle'] === 'string' ? spec['lifecycle'] : 'unknown',
    ...(row.template !== '' && { template: row.template }),
    onPath: isOnPath(row),
    packaging: packagedAs(entity),
    environments,
    sync: worst(
      syncOrder,
      environments.map((environment) => environment.sync),
    ),
    health: worst(
      healthOrder,
      environments.map((environment) => environment.health),
    ),
    readAt: new Date().toISOString(),
  }
}

const healthOrder: readonly Health[] = ['degraded', 'unknown', 'progressing', 'healthy', 'absent']
const syncOrder: readonly Sync[] = ['drifted', 'failed', 'unknown', 'progressing', 'synced', 'absent']

function worst<T>(order: readonly T[], values: readonly T[]): T {
  return order.find((value) => values.includes(value)) ?? (order.at(-1) as T)
}

async function inEnvironment(
  platform: Platform,
  service: string,
  environment: Environment,
): Promise<ServiceInEnvironment> {
  const name = environment.metadata.name
  const place = { service, environment: name }
  const [[deployment], live] = await Promise.all([
    deploymentsIn(platform, place, 1),
    platform.ports.delivery.status(place, AbortSignal.timeout(5_000)),
  ])
  const reason = live.rolloutFailure ?? live.reason
  return {
    name,
    sync: deployment ? live.sync : live.sync === 'unknown' ? 'absent' : live.sync,
    health: deployment ? live.health : live.health === 'unknown' ? 'absent' : live.health,
    ...(deployment && live.url && { url: live.url }),
    ...(deployment && reason && { reason }),
    ...(deployment && {
      release: { version: deployment.version, commit: deployment.sourceCommit, digest: deployment.digest },
      deployedAt: deployment.at,
      deployedBy: deployment.requestedBy,
    }),
    ...(deployment && live.replicas && { replicas: live.replicas }),
    readAt: live.readAt,
  }
}

/** Which golden path made a repository, from its own lock file. */
export async function madeFrom(
  platform: Platform,
  row: ServiceRow,
): Promise<{ template: string; version: string; answers: Record<string, unknown> }> {
  const text = await platform.ports.gitHost.files.read(
    serviceRepo({ service: row.name, owner: row.owner }),
    'main',
    '.fairway/lock.yaml',
  )
  const own = { template: row.template, version: row.templateVersion, answers: row.answers }
  if (text === undefined) return own
  await admitYaml(text)
  try {
    const { goldenPath, version, answers } = readYamlAs(text, Lock, lockSource).value
    return { template: goldenPath, version, answers }
  } catch (error) {
    if (codeOf(error) === lockSource.code) return own // a team may break its own lock file; its page still opens
    throw error
  }
}

const lockSource = { code: 'TEMPLATE_INVALID', file: '.fairway/lock.yaml' } as const
const Lock = z.looseObject({
  goldenPath: z.string(),
  version: z.string(),
  answers: z.record(z.string(), z.unknown()).default({}),
})
