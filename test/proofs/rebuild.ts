import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { listAudit } from '#store/audit.ts'
import { rebuildIndex } from '#services/records/rebuild-index.ts'
import { recorderOf } from '#services/records/recorder.ts'
import { findRun } from '#store/run.ts'
import { deliveryRepo } from '#model/names.ts'
import type { ProofResult } from '../../tools/prove.ts'
import { type PlatformForTest, platformForTest } from '../../testing/platform-for-test.ts'
import { drawer } from './audit-tamper/draw.ts'
import { liveHistory, numberOf, openApproved, quiet, review } from './rebuild/live-history.ts'
import { differences, exceptions, readEverything } from './rebuild/read-everything.ts'

export const small = 1
export const usual = 4

/** What every read route answers comes back from Git alone: after the index was emptied, after it was tampered with, and after a rebuild was killed on its way. `size` counts services. */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<ProofResult> {
  const undo: (() => unknown)[] = []
  try {
    const whole = await platformForTest({ after: (work) => void undo.push(work) })
    return await judge(whole, { seed, services: Array.from({ length: size }, (_, index) => `shop-${index + 1}`) })
  } finally {
    for (const act of undo.toReversed()) await act()
  }
}

async function judge(
  whole: PlatformForTest,
  { seed, services }: { seed: number; services: string[] },
): Promise<ProofResult> {
  const { platform } = whole
  const waiting = await Promise.all(services.map((name) => liveHistory(whole, name)))
  await openApproved(whole)
  await quiet(whole)
  await recorderOf(platform).record()
  const before = await readEverything(whole, services)
  const audit = await listAudit(platform.db, { limit: 100_000 })
  const faults: string[] = []
  const compare = async (when: string) =>
    faults.push(...differences(before, await readEverything(whole, services)).map((place) => `${when}: ${place}`))

  const emptied = await empty(databaseOf(whole))
  if (emptied === 0) faults.push('there was nothing to empty')
  const report = await rebuildIndex(platform, 'platform')
  faults.push(...report.problems)
  await compare('emptied')
  const lost = report.lost.map(({ what }) => what)
  if (!lost.includes('run logs')) faults.push('nobody said that run logs are lost')

  await tamper(databaseOf(whole))
  const draw = drawer(seed)
  const kills: string[] = []
  for (let kill = 0; kill < services.length; kill++) kills.push(await rebuildAndKill(whole, draw.below(400)))
  await rebuildIndex(platform, 'platform')
  await compare(`tampered with, killed (${kills.join(', ')})`)

  const kept = new Map(
    (await listAudit(platform.db, { limit: 100_000 })).map((record) => [record.seq, JSON.stringify(record)]),
  )
  if (audit.some((record) => kept.get(record.seq) !== JSON.stringify(record))) faults.push('an audit record changed')
  for (const id of waiting) faults.push(...(await goesOn(whole, id)))
  return {
    holds: faults.length === 0,
    figures: {
      answers: before.size,
      emptiedTables: emptied,
      rebuilt: counts(report),
      kills,
      exceptions,
      faults: faults.slice(0, 20),
    },
  }
}

/** A promotion that waited before the rebuild is approved after it, and delivers. */
async function goesOn(whole: PlatformForTest, id: string): Promise<string[]> {
  const run = await findRun(whole.platform.db, id)
  if (run?.state !== 'waiting') return [`run ${id} is ${run?.state} instead of waiting`]
  await review(whole, { repo: deliveryRepo, number: numberOf(run), by: 'platform' })
  await whole.ended(id, 'succeeded')
  return []
}

function databaseOf({ platform }: PlatformForTest): string {
  return String(platform.pool.options.connectionString)
}

/** All that is neither `vault` nor the engine's nor about the schema itself. How many tables that were. */
function empty(url: string): Promise<number> {
  return withDatabase(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename !~ '^kysely'`,
    )
    await client.query(`truncate ${rows.map(({ name }) => name).join(', ')}`)
    return rows.length
  })
}

/** What a hand may have done in the database, without the platform. */
async function tamper(url: string): Promise<void> {
  await withDatabase(url, async (client) => {
    await client.query(`update release set version = '9.9.9', digest = 'sha256:' || repeat('0', 64)`)
    await client.query(`update deployment_outcome set outcome = 'failed'`)
    await client.query(`update service set owner = 'team-b'`)
    await client.query(
      `insert into service select 'ghost', owner, template, template_version, answers, state, run from service limit 1`,
    )
    await client.query(`delete from run where workflow = 'promote'`)
    await client.query(`update git_change set document = jsonb_set(document::jsonb, '{approvals}', '[]')`)
    await client.query(`delete from entity where kind = 'Component'`)
  })
}

async function withDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** kill -9 of a rebuild, some milliseconds after it began. */
async function rebuildAndKill(whole: PlatformForTest, delayMs: number): Promise<string> {
  const program = join(import.meta.dirname, 'rebuild/rebuild-in-child.ts')
  const folder = join(whole.platform.objects, '..')
  const child = spawn(process.execPath, [program, folder, databaseOf(whole)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let words = ''
  const went = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      words += text.toString()
      if (words.includes('go\n')) resolve()
    })
  })
  await Promise.race([went, ended])
  await pause(delayMs)
  child.kill('SIGKILL')
  await ended
  return words.includes('done') ? `${delayMs} ms: too late` : `${delayMs} ms`
}

function counts(report: Awaited<ReturnType<typeof rebuildIndex>>) {
  return { ...report, problems: undefined, lost: report.lost.map(({ what }) => what) }
}
