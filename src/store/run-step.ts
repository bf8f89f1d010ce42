import { sql } from 'kysely'
import type { Problem } from '#model/problem.ts'
import type { RunStep } from '#model/run.ts'
import { auditInsert, type NewAudit } from './audit.ts'
import type { Database } from './database.ts'
import { eventChannel } from './event.ts'
import { type Hold, holding } from './run-execution.ts'

export interface StepPatch {
  readonly step: { readonly name: string; readonly title: string }
  readonly state: RunStep['state']
  readonly effect?: string
  readonly output?: Readonly<Record<string, unknown>>
  readonly error?: Problem | null
  /** What goes to the audit log with it. */
  readonly audit?: NewAudit
  /** Whoever does not carry the execution any more writes nothing. */
  readonly hold?: Hold | undefined
}

/**
 * Records where a step stands, with its audit record and the news of it: one statement, so that all of it exists or
 * nothing, at the price of one round trip. `running` counts an attempt and starts its clock; every other state stops it.
 * Gives who asked to end the run.
 */
export async function recordStep(
  db: Database,
  run: string,
  { audit, hold, ...patch }: StepPatch,
): Promise<{ cancelledBy: string | undefined }> {
  const recorded = db
    .with('step', (query) => upsert(query, run, patch).returning('attempt'))
    .with('changed', (query) =>
      query.updateTable('run').set({ version: sql<number>`version + 1` }).where('id', '=', run),
    )
    .with('news', (query) => query.insertInto('event').values({ type: 'run', object: run, version: 0 }))
  // An intent without an outcome is an attempt that was cut off; the number says which one came after it.
  const attempt = sql`jsonb_build_object('attempt', (select attempt from step))`
  const told = audit ? recorded.with('record', (query) => auditInsert(query, audit, attempt)) : recorded
  const [row] = await told
    .selectNoFrom([
      sql`pg_notify(${eventChannel}, '')`.as('told'),
      (hold ? holding(hold) : sql<boolean>`true`).as('held'),
      sql<string | null>`(select cancelled_by from run where id = ${run})`.as('cancelled_by'),
    ])
    .execute()
  return { cancelledBy: row?.cancelled_by ?? undefined }
}

function upsert(query: Pick<Database, 'insertInto'>, run: string, { step, ...patch }: StepPatch) {
  const running = patch.state === 'running'
  const changes = {
    state: patch.state,
    ...(patch.effect !== undefined && { effect: patch.effect }),
    ...(patch.output !== undefined && { output: JSON.stringify(patch.output) as never }),
    ...(patch.error !== undefined && { error: patch.error === null ? null : (JSON.stringify(patch.error) as never) }),
    ...(running ? { started_at: sql<Date>`now()`, finished_at: null } : { finished_at: sql<Date>`now()` }),
  }
  const last = sql<number>`(select coalesce(max(position), 0) + 1 from run_step where run = ${run})`
  const unset = { effect: null, output: null, error: null, started_at: null, finished_at: null }
  return query
    .insertInto('run_step')
    .values({ ...unset, ...changes, run, name: step.name, title: step.title, position: last, attempt: running ? 1 : 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['run', 'name'])
        .doUpdateSet({ ...changes, ...(running && { attempt: sql<number>`run_step.attempt + 1` }) }),
    )
}
