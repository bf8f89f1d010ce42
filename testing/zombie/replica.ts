import { appendFile, readFile } from 'node:fs/promises'
import pino from 'pino'
import { z } from 'zod'
import { liveEvents } from '#services/live-events.ts'
import { openDatabase } from '#store/database.ts'
import { startEngine } from '#workflows/engine/engine.ts'
import { keepLease, takeOverAll } from '#workflows/engine/leases.ts'
import { defineStep } from '#workflows/engine/step.ts'
import { defineWorkflow } from '#workflows/engine/workflow.ts'
import type { Platform } from '#workflows/platform.ts'

// One of two control planes on one PostgreSQL, for src/workflows/engine/zombie.test.ts: an engine and a lease, nothing else.
const [databaseUrl = '', name = '', ledger = '', gates = ''] = process.argv.slice(2)

/** Waits at its gate, has its effect through a port, and says where it is: `name step phase` lines in the ledger. */
const gatedStep = (step: string) =>
  defineStep({
    name: step,
    title: step,
    input: z.object({}),
    output: z.object({ by: z.string() }),
    external: true,
    describe: () => `${step} is done`,
    async run({ platform, log }) {
      await say(step, 'begun')
      log(`${name} works`)
      await open(`${step}-before`)
      await platform.ports.gitHost.changes.close({ owner: 'ledger', name: step }, 1, '')
      await open(`${step}-after`)
      return { by: name }
    },
  })

const [first, second] = [gatedStep('first'), gatedStep('second')]
const workflow = defineWorkflow({
  name: 'promote',
  input: z.object({}),
  steps: [first, second],
  async run(flow) {
    const { by } = await flow.step(first, {})
    const end = await flow.step(second, {})
    return { state: 'succeeded', result: { by, end: end.by } }
  },
})

const { db, pool } = openDatabase(databaseUrl)
const events = liveEvents(db, pool)
const changes = { close: async ({ name: step }: { name: string }) => say(step, 'effect') }
const platform = {
  db,
  pool,
  events,
  log: pino({ level: 'silent' }),
  ports: { gitHost: { changes } },
} as unknown as Platform
await startEngine({ databaseUrl, executor: name, platform, workflows: [workflow] })
if (name === 'first') await takeOverAll(platform, name)
keepLease(platform, name)
await say('engine', 'ready')

function say(step: string, phase: string): Promise<void> {
  return appendFile(ledger, `${name} ${step} ${phase}\n`)
}

/** A gate is open for a replica once a line of the file of gates names both. */
async function open(gate: string): Promise<void> {
  while (!(await readFile(gates, 'utf8')).split('\n').includes(`${name} ${gate}`))
    await new Promise((resolve) => setTimeout(resolve, 20))
}
