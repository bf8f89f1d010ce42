import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { sql } from 'kysely'
import { localLogs } from '#adapters/logs/local/local.ts'
import { localMetrics } from '#adapters/metrics/local/local.ts'
import { defaultCeilings } from '#adapters/signals/local/keep-signals.ts'
import { defaultLimits, type SignalLimits } from '#adapters/signals/local/limits.ts'
import { otlpRoutes } from '#adapters/signals/local/otlp-routes.ts'
import { signalSink } from '#adapters/signals/local/signal-sink.ts'
import { workloadToken } from '#lib/workload-token.ts'
import { logsRequest, requestsMetric } from '#ports/otlp-samples.ts'
import type { Logs } from '#ports/signals.ts'
import { type Database, openDatabase } from '#store/database.ts'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { migrate } from '#store/migrate.ts'
import { pruneSignals } from '#store/signals-retention.ts'
import type { Figure } from '../tools/bench.ts'

const lines = Number(process.env.FAIRWAY_BENCH_LINES ?? 1_000_000)
const perRequest = 500
const services = 10
const big = { service: 'service-0', environment: 'dev' }
const secret = 'a secret of this bench'

/** Storing a million log lines over HTTP into a durable PostgreSQL, then reading them as the portal does. */
export async function bench(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-bench-signals-'))
  const server = await startEmbeddedPostgres({ folder, log: () => {} })
  const { db, close } = openDatabase(server.url)
  try {
    await migrate(db)
    const stored = await storing(db)
    const seconds = await timed(() => pruneSignals(db, { daysOf: () => 7, ceilings: defaultCeilings }))
    await sql`analyze`.execute(db) // autovacuum does so within a minute
    const pass = {
      name: 'a pass that forgets nothing and joins a day of points',
      value: Math.round(seconds * 1000),
      unit: 'ms',
    }
    return [...stored, pass, ...(await reading(db))]
  } finally {
    await close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function storing(db: Database): Promise<Figure[]> {
  const unlimited = { perSecond: 1e9, burst: 1e9 }
  const records = { logs: unlimited, metrics: unlimited, traces: unlimited }
  const limits: SignalLimits = { ...defaultLimits, records, bytes: unlimited }
  const sink = signalSink({ db, limits })
  const app = fastify()
  await app.register(otlpRoutes({ tokenSecret: secret, sink }))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const before = process.memoryUsage().rss
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss)
  }, 50)
  const seconds = await timed(() => sendAll(url))
  clearInterval(watch)
  await points(sink)
  await app.close()
  await sink.close()
  return [
    { name: 'log lines stored over HTTP', value: Math.round(lines / seconds), unit: 'lines/s' },
    {
      name: 'memory grown while storing, senders included',
      value: Math.round((peak - before) / 1_048_576),
      unit: 'MiB',
    },
  ]
}

async function sendAll(url: string): Promise<void> {
  let next = 0
  const sender = async () => {
    for (let at = next++; at < lines / perRequest; at = next++) await send(url, at)
  }
  await Promise.all(Array.from({ length: 8 }, sender))
}

// Half of all lines belong to one service, the rest to nine others; one line in a thousand is an error.
async function send(url: string, at: number): Promise<void> {
  const service = at % 2 ? 'service-0' : `service-${1 + ((at / 2) % (services - 1))}`
  const batch = Array.from({ length: perRequest }, (_, line) => sample(at * perRequest + line))
  const token = workloadToken(secret, { service, environment: 'dev', owner: 'team-a' })
  const reply = await fetch(`${url}/otlp/v1/logs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(logsRequest(batch)),
  })
  const answer = await reply.text()
  if (reply.status !== 200 || answer !== '{}') throw new Error(`${reply.status} ${answer}`)
}

function sample(number: number) {
  const text = `GET /items/${number % 977} answered in ${number % 89} ms for customer ${number}`
  const traceId = (number + 1).toString(16).padStart(32, '0')
  return { text, severity: number % 1_000 === 0 ? 17 : 9, traceId, fields: { route: '/items/:id' } }
}

// A day of one service: an export every ten seconds, three status classes.
async function points(sink: ReturnType<typeof signalSink>): Promise<void> {
  const end = Date.now()
  const statuses = { 200: [50, 20, 5, 1], 404: [3, 1, 0, 0], 500: [0, 0, 1, 1] }
  for (let toMs = end - 86_400_000; toMs <= end; toMs += 10_000) {
    const request = requestsMetric({
      fromMs: toMs - 10_000,
      toMs,
      temporality: 'delta',
      statuses,
      bounds: [0.01, 0.1, 1],
    })
    await sink.accept('metrics', { ...big, owner: 'team-a' }, request)
  }
}

async function reading(db: Database): Promise<Figure[]> {
  const logs = localLogs({ db })
  const [newest] = await logs.query(big, { limit: 1 })
  const middle = String(Math.floor(Number(newest?.cursor ?? 0) / 2))
  const queries: Record<string, Parameters<Logs['query']>[1]> = {
    'newest 500 lines': { limit: 500 },
    'follow: nothing new': { limit: 500, after: newest?.cursor ?? '0' },
    'page back 500 lines': { limit: 500, before: middle },
    'newest 200 errors': { limit: 200, level: 'error' },
    'search that matches one line in 89': { limit: 200, contains: 'in 42 ms' },
    'search that matches nothing': { limit: 200, contains: 'no line has this' },
    'lines of one trace': { limit: 200, traceId: newest?.traceId ?? '' },
  }
  const figures: Figure[] = []
  for (const [name, query] of Object.entries(queries)) {
    figures.push({ name: `${name}, p95`, value: await p95(() => logs.query(big, query)), unit: 'ms' })
  }
  const range = { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date().toISOString() }
  const golden = await p95(() => localMetrics({ db }).golden(big, range, 120))
  return [...figures, { name: 'golden signals of a day, p95', value: golden, unit: 'ms' }]
}

async function p95(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let at = 0; at < 40; at++) times.push((await timed(work)) * 1000)
  return Math.round((times.sort((one, other) => one - other)[37] ?? 0) * 10) / 10
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
