import { type Generated, type JSONColumnType, sql } from 'kysely'
import { codeOf } from '#errors/platform-error.ts'
import type { Problem } from '#model/problem.ts'
import type { Run, RunLogLine, RunState, RunStep, Workflow } from '#model/run.ts'
import type { Database } from './database.ts'
import { type Hold, holding } from './run-execution.ts'

type Facts = Record<string, unknown>

export interface RunTable {
  id: string
  workflow: Workflow
  state: RunState
  service: string | null
  environment: string | null
  team: string | null
  requested_by: string
  input: JSONColumnType<Facts>
  result: JSONColumnType<Facts | null, string | null, string | null>
  error: JSONColumnType<Problem | null, string | null, string | null>
  waiting_for: string | null
  /** The engine's id of the newest execution: the run's own, or `<run>:deliver` behind a wait. */
  execution: string
  started_at: Generated<Date>
  finished_at: Date | null
  version: Generated<number>
  /** Who asked to end it; it ends at its next step. */
  cancelled_by: string | null
}

export interface RunStepTable {
  run: string
  name: string
  position: number
  title: string
  state: RunStep['state']
  attempt: Generated<number>
  effect: string | null
  output: JSONColumnType<Facts | null, string | null, string | null>
  error: JSONColumnType<Problem | null, string | null, string | null>
  started_at: Date | null
  finished_at: Date | null
}

export interface RunLogTable {
  seq: Generated<number>
  run: string
  step: string
  at: Generated<Date>
  level: RunLogLine['level']
  text: string
}

export interface NewRun {
  readonly id: string
  readonly workflow: Workflow
  readonly service?: string
  readonly environment?: string
  readonly team?: string
  readonly requestedBy: string
  readonly input: Facts
  readonly steps: readonly { readonly name: string; readonly title: string }[]
}

/** Writes a queued run with its planned steps; the caller's transaction also starts it. False when the id is taken. */
export async function insertRun(db: Database, run: NewRun): Promise<boolean> {
  const inserted = await db
    .insertInto('run')
    .values({
      id: run.id,
      workflow: run.workflow,
      state: 'queued',
      service: run.service ?? null,
      environment: run.environment ?? null,
      team: run.team ?? null,
      requested_by: run.requestedBy,
      input: JSON.stringify(run.input),
      result: null,
      error: null,
      waiting_for: null,
      execution: run.id,
      finished_at: null,
      cancelled_by: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return false
  await planSteps(db, run.id, run.steps)
  return true
}

/** Adds steps that are not there yet, behind the known ones. */
export async function planSteps(db: Database, run: string, steps: NewRun['steps']): Promise<void> {
  if (steps.length === 0) return
  const known = await db
    .selectFrom('run_step')
    .select(sql<number>`coalesce(max(position), 0)`.as('last'))
    .where('run', '=', run)
    .executeTakeFirstOrThrow()
  const rows = steps.map((step, index) => ({
    run,
    name: step.name,
    title: step.title,
    position: known.last + index + 1,
    state: 'pending' as const,
    effect: null,
    output: null,
    error: null,
    started_at: null,
    finished_at: null,
  }))
  await db
    .insertInto('run_step')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['run', 'name']).doNothing())
    .execute()
}

export interface RunPatch {
  readonly state?: RunState
  readonly result?: Facts
  readonly error?: Problem | null
  readonly waitingFor?: string | null
  readonly execution?: string
  readonly environment?: string
  readonly finished?: boolean
  /** Changes nothing unless the run is in one of these states: of two who decide at once, one wins. */
  readonly when?: readonly RunState[]
}

/** Changes a run and raises its version, which is returned; undefined when there is no such run in that state. */
export async function patchRun(db: Database, id: string, patch: RunPatch): Promise<number | undefined> {
  let update = db.updateTable('run').where('id', '=', id)
  if (patch.when) update = update.where('state', 'in', patch.when)
  const row = await update
    .set({
      ...(patch.state && { state: patch.state }),
      ...(patch.result && {
        result: sql`coalesce(result, '{}'::jsonb) || ${JSON.stringify(patch.result)}::jsonb` as never,
      }),
      ...(patch.error !== undefined && { error: patch.error === null ? null : (JSON.stringify(patch.error) as never) }),
      ...(patch.waitingFor !== undefined && { waiting_for: patch.waitingFor }),
      ...(patch.execution && { execution: patch.execution }),
      ...(patch.environment && { environment: patch.environment }),
      ...(patch.finished !== undefined && { finished_at: patch.finished ? sql<Date>`now()` : null }),
      version: sql<number>`version + 1`,
    })
    .returning('version')
    .executeTakeFirst()
  return row?.version
}

export async function findRun(db: Database, id: string): Promise<Run | undefined> {
  const [run] = await withSteps(db, await db.selectFrom('run').selectAll().where('id', '=', id).execute())
  return run
}

/**
 * Who pushed these commits of a service: the authenticated pusher, whatever the commits say and whether they built or not.
 * A run may have been started by who noticed the commit before the host told of the push, so the record of the push counts too.
 */
export async function pushersOf(
  db: Database,
  { service, repository }: { service: string; repository: string },
  commits: readonly string[],
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('run')
    .select('requested_by as pusher')
    .where('service', '=', service)
    .where('workflow', 'in', ['release', 'create-service'])
    .where(sql<boolean>`coalesce(input->>'commit', result->>'commit') = any(${commits})`)
    .union(
      db
        .selectFrom('vault.audit')
        .select('actor as pusher')
        .where('action', '=', 'git.push')
        .where('object', '=', `repository:${repository}`)
        .where(sql<boolean>`commit = any(${commits})`),
    )
    .execute()
  return rows.map(({ pusher }) => pusher)
}

export async function executionOf(db: Database, id: string): Promise<string | undefined> {
  return (await db.selectFrom('run').select('execution').where('id', '=', id).executeTakeFirst())?.execution
}

export interface RunFilter {
  readonly state?: RunState
  readonly service?: string
  readonly environment?: string
  readonly workflow?: Workflow
  readonly requestedBy?: string
  readonly states?: readonly RunState[]
  /** `<started_at ISO>,<id>` of the last run seen. */
  readonly before?: string
  readonly limit: number
}

/** Newest first. */
export async function listRuns(db: Database, filter: RunFilter): Promise<readonly Run[]> {
  let query = db.selectFrom('run').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc').limit(filter.limit)
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.states) query = query.where('state', 'in', filter.states)
  if (filter.service) query = query.where('service', '=', filter.service)
  if (filter.environment) query = query.where('environment', '=', filter.environment)
  if (filter.workflow) query = query.where('workflow', '=', filter.workflow)
  if (filter.requestedBy) query = query.where('requested_by', '=', filter.requestedBy)
  if (filter.before) {
    const [at, id] = filter.before.split(',')
    query = query.where(sql<boolean>`(date_trunc('milliseconds', started_at), id) < (${at}::timestamptz, ${id})`)
  }
  return withSteps(db, await query.execute())
}

/** Median seconds of the last 20 succeeded runs of a workflow. */
export async function usualSeconds(db: Database, workflow: Workflow): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number | null }>`
    select percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at)) as seconds
    from (select started_at, finished_at from run where workflow = ${workflow} and state = 'succeeded' order by started_at desc limit 20) recent`.execute(
    db,
  )
  const seconds = rows[0]?.seconds
  return seconds === null || seconds === undefined ? undefined : Math.round(Number(seconds) * 10) / 10
}

/** Only whoever carries the execution writes to its log. */
export async function appendRunLog(
  db: Database,
  lines: readonly { run: string; step: string; level: RunLogLine['level']; text: string }[],
  hold?: Hold,
): Promise<void> {
  if (lines.length === 0) return
  const insert = (query: Pick<Database, 'insertInto'>) => query.insertInto('run_log').values([...lines])
  if (!hold) return void (await insert(db).execute())
  await db
    .with('lines', (query) => insert(query as never))
    .selectNoFrom(holding(hold).as('held'))
    .execute()
}

/** Notes who asked to end a run; undefined when it has ended, or waits. */
export async function requestCancel(db: Database, id: string, by: string): Promise<number | undefined> {
  const row = await db
    .updateTable('run')
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .set({ cancelled_by: sql`coalesce(cancelled_by, ${by})` as never, version: sql<number>`version + 1` })
    .returning('version')
    .executeTakeFirst()
  return row?.version
}

/** Who asked to end it. In a transaction nobody can ask until that ends. */
export async function cancelledBy(db: Database, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('run').select('cancelled_by').where('id', '=', id).forUpdate().executeTakeFirst()
  return row?.cancelled_by ?? undefined
}

export async function readRunLog(
  db: Database,
  run: string,
  query: { after: number; step?: string; limit: number },
): Promise<readonly RunLogLine[]> {
  let select = db
    .selectFrom('run_log')
    .selectAll()
    .where('run', '=', run)
    .where('seq', '>', query.after)
    .orderBy('seq')
    .limit(query.limit)
  if (query.step) select = select.where('step', '=', query.step)
  const rows = await select.execute()
  return rows.map((row) => ({
    seq: row.seq,
    at: row.at.toISOString(),
    step: row.step,
    level: row.level,
    text: row.text,
  }))
}

/** The stored output of a step of a run, for undo and for steps that go on behind a wait. */
export async function stepOutputs(db: Database, run: string): Promise<ReadonlyMap<string, Facts>> {
  const rows = await db.selectFrom('run_step').select(['name', 'output']).where('run', '=', run).execute()
  return new Map(rows.flatMap((row) => (row.output ? [[row.name, row.output] as const] : [])))
}

async function withSteps(db: Database, rows: readonly RunRow[]): Promise<Run[]> {
  if (rows.length === 0) return []
  const steps = await db
    .selectFrom('run_step')
    .selectAll()
    .where(
      'run',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('position')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    workflow: row.workflow,
    state: row.state,
    ...(row.service && { service: row.service }),
    ...(row.environment && { environment: row.environment }),
    ...(row.team && { team: row.team }),
    requestedBy: row.requested_by,
    input: row.input,
    steps: steps.filter((step) => step.run === row.id).map(stepView),
    ...(row.result && { result: row.result }),
    ...(row.error && { error: row.error }),
    ...(row.waiting_for && { waitingFor: row.waiting_for }),
    startedAt: row.started_at.toISOString(),
    ...(row.finished_at && { finishedAt: row.finished_at.toISOString() }),
    version: row.version,
  }))
}

type RunRow = Awaited<ReturnType<typeof selectShape>>[number]
const selectShape = (db: Database) => db.selectFrom('run').selectAll().execute()
type StepRow = Awaited<ReturnType<typeof selectStepShape>>[number]
const selectStepShape = (db: Database) => db.selectFrom('run_step').selectAll().execute()

function stepView(row: StepRow): RunStep {
  return {
    name: row.name,
    title: row.title,
    state: row.state,
    attempt: row.attempt,
    ...(row.effect && { effect: row.effect }),
    ...(row.started_at && { startedAt: row.started_at.toISOString() }),
    ...(row.finished_at && { finishedAt: row.finished_at.toISOString() }),
    ...(row.error && codeOf(row.error) && { error: row.error }),
  }
}
