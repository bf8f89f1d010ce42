import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { z } from 'zod'
import { type LiveEvents, liveEvents } from '#services/live-events.ts'
import { type OpenDatabase, openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { findRun } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { startEngine } from '#workflows/engine/engine.ts'
import { defineStep } from '#workflows/engine/step.ts'
import { defineWorkflow } from '#workflows/engine/workflow.ts'
import type { Platform } from '#workflows/platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import type { Figure } from '../../tools/bench.ts'
import { median, timed } from './measure.ts'

const stepsOfRun = 20
const together = 60

const steps = Array.from({ length: stepsOfRun }, (_, at) =>
  defineStep({
    name: `step-${at + 1}`,
    title: `Step ${at + 1}`,
    input: z.object({ at: z.int() }),
    output: z.object({ done: z.int() }),
    external: true,
    describe: () => 'Nothing happens outside',
    run: async (_, input) => ({ done: input.at }),
  }),
)

const workflow = defineWorkflow({
  name: 'promote',
  input: z.object({}),
  steps,
  async run(flow) {
    for (const [at, step] of steps.entries()) await flow.step(step, { at })
    return { state: 'succeeded', result: {} }
  },
})

/**
 * What a durable step costs by itself: records, two audit rows, two events and the engine's checkpoint, on a PostgreSQL
 * that writes through. The step does nothing. The peer is one committed insert in the same database.
 */
export async function stepFigures(databaseUrl: string): Promise<Figure[]> {
  const opened = openDatabase(databaseUrl)
  await migrate(opened.db)
  const events = liveEvents(opened.db, opened.pool)
  const platform = { ...opened, events, log: pino({ level: 'silent' }) } as unknown as Platform
  await startEngine({ databaseUrl, executor: randomUUID(), platform, workflows: [workflow] })
  try {
    await runs(platform, 5)
    return await measured(platform, opened, events)
  } finally {
    await platform.engine.stop()
    await opened.close()
  }
}

async function measured(platform: Platform, opened: OpenDatabase, events: LiveEvents): Promise<Figure[]> {
  const commit = median(await commits(opened))
  await events.start()
  const [alone] = await runs(platform, 1)
  const seconds = await timed(() => runs(platform, together))
  await events.stop()
  const step = median(alone ?? [])
  return [
    {
      name: 'durable step that does nothing, median of one run alone (aim under 15)',
      value: step,
      unit: 'ms',
      peer: { name: 'one committed insert', value: commit },
      ratio: Math.round((step / commit) * 10) / 10,
    },
    {
      name: `durable steps a second, ${together} runs at once (aim 500)`,
      value: Math.round((together * stepsOfRun) / seconds),
      unit: 'steps/s',
    },
  ]
}

/** Starts so many runs at once; gives the milliseconds between the ends of neighbouring steps, per run. */
async function runs(platform: Platform, count: number): Promise<number[][]> {
  const ids = Array.from({ length: count }, () => randomUUID())
  const titles = steps.map(({ name, title }) => ({ name, title }))
  await Promise.all(
    ids.map((id) =>
      inTransaction(platform.pool, (tx, client) =>
        platform.engine.start(tx, client, { id, workflow: 'promote', requestedBy: 'dev', input: {}, steps: titles }),
      ),
    ),
  )
  await waitUntil(
    async () => {
      const going = platform.db.selectFrom('run').select('id').where('id', 'in', ids).where('finished_at', 'is', null)
      return (await going.limit(1).execute()).length === 0
    },
    { what: 'all runs to end', ms: 120_000, everyMs: 50 },
  )
  return Promise.all(ids.map((id) => betweenSteps(platform, id)))
}

async function betweenSteps(platform: Platform, id: string): Promise<number[]> {
  const run = await findRun(platform.db, id)
  if (run?.state !== 'succeeded') throw new Error(JSON.stringify(run?.error))
  const ends = run.steps.map((step) => Date.parse(step.finishedAt ?? ''))
  return ends.slice(1).map((end, at) => end - (ends[at] ?? end))
}

async function commits({ db }: OpenDatabase): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < 200; at++) {
    const insert = db.insertInto('event').values({ type: 'bench', object: 'bench', version: 0 })
    times.push((await timed(() => insert.execute())) * 1000)
  }
  return times
}
