import { PlatformError } from '#errors/platform-error.ts'
import type { RebuildReport } from '#model/rebuild.ts'
import { appendAudit } from '#store/audit.ts'
import { deleteSourcesBut } from '#store/entity.ts'
import { countLost, dropOlderNotes, type RecordedRow, replaceRecords } from '#store/record.ts'
import { listServices } from '#store/service.ts'
import { repoName, platformRepo } from '#model/names.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'
import { readAllSources } from '../catalog.ts'
import { recorderOf } from './recorder.ts'

/** As rebuildIndex, for a person. */
export async function rebuild(platform: Platform, caller: Caller): Promise<RebuildReport> {
  authorise(caller, 'platform.rebuild')
  return rebuildIndex(platform, caller.person.name)
}

/**
 * Makes the index anew from the Git host and checks it against the artefact store. `vault` is not touched, nor runs under
 * way. Each part replaces its rows at once, so that requests meanwhile get the old answer or the new one, never an
 * empty one; cut off anywhere and repeated, it ends the same.
 */
export async function rebuildIndex(platform: Platform, actor: string): Promise<RebuildReport> {
  const began = performance.now()
  return alone(platform, async () => {
    const recorder = recorderOf(platform)
    const audit = { actor, action: 'platform.rebuild', object: 'platform:index' } as const
    await appendAudit(platform.db, { ...audit, phase: 'intent' })
    await recorder.record()
    const { records, broken } = await recorder.read()
    await replaceRecords(platform.pool, records)
    await platform.ports.gitHost.rebuildIndex()
    const { entities, problems } = await readCatalog(platform)
    const changes = await platform.ports.gitHost.changes.list({ limit: 1_000_000 })
    const count = (kind: RecordedRow['kind']) => records.filter((record) => record.kind === kind).length
    const report = {
      services: count('service'),
      releases: count('release'),
      outcomes: count('deployment_outcome'),
      runs: count('run'),
      changes: changes.length,
      entities,
      lost: await whatIsLost(platform),
      problems: [
        ...broken.map((path) => `${path} of the records is none`),
        ...problems,
        ...(await missingImages(platform, records)),
      ],
      seconds: Math.round(performance.now() - began) / 1000,
    }
    await appendAudit(platform.db, { ...audit, phase: 'outcome', result: 'ok', detail: { lost: report.lost.length } })
    await platform.events.publish('platform', 'index')
    return report
  })
}

/** Brings a restored database, which is older than the repositories restored with it, up to what they say. */
export async function settleAfterRestore(
  platform: Platform,
  { actor, detail }: { actor: string; detail: Record<string, unknown> },
): Promise<RebuildReport> {
  await appendAudit(platform.db, {
    actor,
    action: 'platform.restore',
    object: 'platform:data',
    phase: 'act',
    result: 'ok',
    detail,
  })
  const { records } = await recorderOf(platform).read()
  await dropOlderNotes(platform.db, records)
  return rebuildIndex(platform, actor)
}

async function readCatalog(platform: Platform): Promise<{ entities: number; problems: string[] }> {
  const services = await listServices(platform.db)
  await deleteSourcesBut(platform.db, [
    repoName(platformRepo),
    ...services.map(({ owner, name }) => repoName({ owner, name })),
  ])
  const { entities, problems } = await readAllSources(platform)
  const repositories = await Promise.all(
    services.map(async ({ owner, name, state }) => {
      const found = state === 'live' ? await platform.ports.gitHost.repositories.find({ owner, name }) : true
      return found ? [] : [`service ${name} has no repository ${owner}/${name}`]
    }),
  )
  return {
    entities,
    problems: [
      ...(problems > 0 ? [`${problems} repositories have no readable catalog-info.yaml`] : []),
      ...repositories.flat(),
    ],
  }
}

/** A release whose image is gone can never be deployed again. */
async function missingImages(platform: Platform, records: readonly RecordedRow[]): Promise<string[]> {
  const { artifacts } = platform.ports
  const releases = records.filter(({ kind }) => kind === 'release')
  const checked = await Promise.all(
    releases.map(async ({ key, row }) => {
      const [owner, service, digest] = [row['owner'], row['service'], row['digest']].map(String)
      const found = await artifacts.readManifest(`${owner}/${service}`, digest ?? '').catch(() => undefined)
      return found ? [] : [`release ${key} has no image ${digest}`]
    }),
  )
  return checked.flat()
}

async function whatIsLost({ db }: Platform): Promise<RebuildReport['lost']> {
  const { runsWithoutLog, sessions, signals } = await countLost(db)
  return [
    ...(runsWithoutLog > 0 ? [{ what: 'run logs', detail: `${runsWithoutLog} runs have no log lines here` }] : []),
    ...(sessions === 0 ? [{ what: 'web sessions', detail: 'nobody is signed in at the portal' }] : []),
    ...(signals === 0 ? [{ what: 'signals', detail: 'no logs, metrics and traces of workloads are here yet' }] : []),
  ]
}

const rebuilding = new WeakSet<object>()

async function alone<T>({ db }: Platform, work: () => Promise<T>): Promise<T> {
  if (rebuilding.has(db))
    throw new PlatformError('REBUILD_RUNNING', 'the index is being rebuilt already', { hint: 'wait for that one' })
  rebuilding.add(db)
  try {
    return await work()
  } finally {
    rebuilding.delete(db)
  }
}
