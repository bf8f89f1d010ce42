import { platformActor } from '#model/people.ts'
import { mostFields } from '#model/drift.ts'
import type { Place } from '#ports/delivery.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { appendAudit } from '#store/audit.ts'
import { closeDrift, type DriftRow, type FoundDrift, keepDrift, listDrift } from '#store/drift.ts'
import { findService } from '#store/service.ts'
import { inTransaction } from '#store/transaction.ts'
import { gitFields } from '#workflows/drift/git-fields.ts'
import { type PastPlatform, pastThePlatform } from '#workflows/drift/past-platform.ts'
import type { Platform } from '#workflows/platform.ts'
import { newRunId } from '../start-run.ts'

const mostOpen = 2_000

/** Looks at the whole delivery repository and keeps what came past the platform; what is gone is closed. */
export async function scanGit(platform: Platform): Promise<void> {
  const found = await Promise.all((await pastThePlatform(platform)).map((one) => gitDriftOf(platform, one)))
  const open = await listDrift(platform.db, { open: true, kind: 'git', limit: mostOpen })
  for (const one of found) await keep(platform, one)
  for (const row of open) if (!found.some(({ path }) => path === row.path)) await close(platform, row)
}

/** Asks the runtime about one place. What it cannot tell stays as it was known. */
export async function scanRuntime(platform: Platform, place: Place): Promise<void> {
  const path = deliveryPlace(place.service, place.environment)
  const differences = await platform.ports.delivery.differences(place, AbortSignal.timeout(5_000))
  if (differences.kind === 'unknown') return
  const filter = { ...place, open: true, kind: 'runtime' as const, limit: 1 }
  const [open] = await listDrift(platform.db, filter)
  const [first] = differences.fields
  if (!first) return open && close(platform, open)
  const more = differences.fields.length > 1 ? ` and ${differences.fields.length - 1} more` : ''
  await keep(platform, {
    kind: 'runtime',
    path,
    ...place,
    summary: `What runs differs from Git: ${first.field}${more}`,
    fields: differences.fields.slice(0, mostFields).map(({ cause: _cause, ...field }) => field),
    ...(first.cause && { cause: { what: first.cause } }),
  })
}

async function gitDriftOf(platform: Platform, past: PastPlatform): Promise<FoundDrift> {
  const { commit, path, service, environment } = past
  const known = await placeIsKnown(platform, { service, environment })
  const author = commit && `${commit.author} <${commit.authorEmail}>`
  const what = commit
    ? `commit ${commit.commit.slice(0, 12)} "${commit.subject.slice(0, 120)}" came past the platform`
    : 'the history of the delivery repository was rewritten'
  return {
    kind: 'git',
    path,
    ...(known && { service, environment }),
    summary: `${known ? `${service} in ${environment}` : path}: ${what}`,
    fields: await gitFields(platform, past),
    cause: { what, ...(author && { author }), ...(commit && { commit: commit.commit, at: commit.at }) },
  }
}

/** Whether a folder is that of a service in an environment; another one belongs to nobody. */
async function placeIsKnown(
  platform: Platform,
  { service, environment }: { service: string | undefined; environment: string | undefined },
): Promise<boolean> {
  if (!service || !environment) return false
  const { environments } = await platform.settings()
  if (!environments.some(({ metadata }) => metadata.name === environment)) return false
  return (await findService(platform.db, service)) !== undefined
}

async function keep(platform: Platform, found: FoundDrift): Promise<void> {
  const kept = await inTransaction(platform.pool, async (tx) => {
    const row = await keepDrift(tx, `d${newRunId().slice(1)}`, found)
    if (row.isNew)
      await appendAudit(tx, {
        actor: platformActor,
        action: 'drift.detect',
        object: objectOf(found),
        phase: 'act',
        result: 'ok',
        ...(found.cause?.commit && { commit: found.cause.commit }),
        detail: {
          drift: row.id,
          kind: found.kind,
          path: found.path,
          fields: found.fields.map(({ field }) => field),
          ...(found.cause && { cause: { ...found.cause } }),
        },
      })
    return row
  })
  if (kept.isNew || kept.isChanged) await tell(platform, { ...found, id: kept.id })
}

async function close(platform: Platform, { id }: DriftRow): Promise<void> {
  const closed = await inTransaction(platform.pool, async (tx) => {
    const row = await closeDrift(tx, id)
    if (row)
      await appendAudit(tx, {
        actor: platformActor,
        action: 'drift.resolve',
        object: objectOf(row),
        phase: 'act',
        result: 'ok',
        ...(row.run && { run: row.run }),
        detail: { drift: id, kind: row.kind, path: row.path, resolution: row.resolution ?? 'gone', since: row.since },
      })
    return row
  })
  if (closed) await tell(platform, closed)
}

function objectOf({ service, path }: { service?: string | undefined; path: string }): string {
  return service ? `service:${service}` : `delivery:${path}`
}

async function tell(platform: Platform, { id, service }: { id: string; service?: string | undefined }): Promise<void> {
  await platform.events.publish('drift', id)
  if (service) await platform.events.publish('service', service)
}
