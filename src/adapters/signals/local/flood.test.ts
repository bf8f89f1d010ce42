import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logsRequest, requestsMetric, tracesRequest } from '#ports/otlp-samples.ts'
import { readLogLines } from '#store/signals-log.ts'
import { type SignalReceiver, signalReceiver } from '../../../../testing/signal-receiver.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'

const flood = { service: 'flood', environment: 'dev' }

test('a flood of 20,000 lines a second costs its sender lines, others nothing, and the process little memory', async (t) => {
  const receiver = await signalReceiver(t)
  const thousand = JSON.stringify(
    logsRequest(Array.from({ length: 1_000 }, (_, at) => ({ text: `flood ${at} ${'x'.repeat(100)}` }))),
  )
  await send(receiver, thousand, 5)
  const [before, started] = [process.memoryUsage().rss, performance.now()]

  const [flooding, slowest] = await Promise.all([send(receiver, thousand, 60), quietService(receiver, started)])

  const seconds = (performance.now() - started) / 1000
  const kept = await count(receiver, 'flood')
  assert.equal(flooding.sent + 5_000, kept + flooding.rejected)
  assert.ok(flooding.rejected > 0)
  assert.ok(kept <= 10_000 + 2_000 * (seconds + 2), `${kept} kept in ${seconds} s`)
  assert.equal(await count(receiver, 'quiet'), 20)
  assert.ok(slowest < 2_000, `the quiet service waited ${slowest} ms`)
  assert.ok(process.memoryUsage().rss - before < 100_000_000, `${process.memoryUsage().rss - before}`)
})

test('where lines were dropped the log says how many, and the count is kept', async (t) => {
  const receiver = await signalReceiver(t, {
    limits: {
      records: {
        logs: { perSecond: 0.001, burst: 10 },
        metrics: { perSecond: 1, burst: 1 },
        traces: { perSecond: 1, burst: 1 },
      },
    },
  })

  const reply = await receiver.post(
    'logs',
    'flood',
    logsRequest(Array.from({ length: 1_244 }, () => ({ text: 'again' }))),
  )

  assert.deepEqual(await reply.json(), {
    partialSuccess: { rejectedLogRecords: '1234', errorMessage: 'not stored: 1234 over the limit' },
  })
  const marker = await waitUntil(
    async () => (await readLogLines(receiver.db, flood, { limit: 20 })).find(({ instance }) => instance === 'fairway'),
    { what: 'the marker of the gap' },
  )
  assert.deepEqual([marker.text, marker.level], ['1,234 lines dropped: over the limit', 'warn'])
  const [drops] = await receiver.sink.drops(flood)
  assert.deepEqual([drops?.signal, drops?.reason, drops?.count], ['logs', 'over the limit', 1_234])
  assert.deepEqual(await receiver.sink.drops({ service: 'quiet', environment: 'dev' }), [])
})

test('bytes are limited as lines are', async (t) => {
  const receiver = await signalReceiver(t, { limits: { bytes: { perSecond: 0.001, burst: 50_000 } } })

  const reply = await receiver.post(
    'logs',
    'flood',
    logsRequest(Array.from({ length: 10 }, () => ({ text: 'x'.repeat(16_000) }))),
  )

  assert.equal(
    ((await reply.json()) as { partialSuccess: { rejectedLogRecords: string } }).partialSuccess.rejectedLogRecords,
    '7',
  )
  assert.equal(await count(receiver, 'flood'), 3)
})

test('a label without bounds does not fill the store with series', async (t) => {
  const receiver = await signalReceiver(t)
  const toMs = Date.now()
  const statuses = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [String(1_000 + at), [1, 0]]))

  const reply = await receiver.post(
    'metrics',
    'flood',
    requestsMetric({ fromMs: toMs - 1_000, toMs, temporality: 'cumulative', bounds: [1], statuses }),
  )

  const { partialSuccess } = (await reply.json()) as {
    partialSuccess: { rejectedDataPoints: string; errorMessage: string }
  }
  assert.deepEqual(partialSuccess, { rejectedDataPoints: '1000', errorMessage: 'not stored: 1000 too many series' })
})

test('spans with impossible ids or times are counted, the others stored', async (t) => {
  const receiver = await signalReceiver(t)
  const good = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'good', startMs: Date.now(), durationMs: 1 }
  const spans = [good, { ...good, spanId: 'nonsense' }, { ...good, spanId: 'ef'.repeat(8), startMs: 1_000 }]

  const reply = await receiver.post('traces', 'flood', tracesRequest(spans))

  assert.deepEqual(await reply.json(), {
    partialSuccess: { rejectedSpans: '2', errorMessage: 'not stored: 1 unreadable, 1 wrong time' },
  })
})

async function send(
  receiver: SignalReceiver,
  thousand: string,
  requests: number,
): Promise<{ sent: number; rejected: number }> {
  let rejected = 0
  let left = requests
  const sender = async () => {
    while (left-- > 0) {
      const reply = await receiver.post('logs', 'flood', thousand)
      assert.equal(reply.status, 200)
      const { partialSuccess } = (await reply.json()) as { partialSuccess?: { rejectedLogRecords: string } }
      rejected += Number(partialSuccess?.rejectedLogRecords ?? 0)
    }
  }
  await Promise.all([sender(), sender(), sender(), sender()])
  return { sent: requests * 1_000, rejected }
}

/** Sends twenty lines one by one and gives back the longest any of them took. */
async function quietService(receiver: SignalReceiver, started: number): Promise<number> {
  let slowest = 0
  for (let at = 0; at < 20; at++) {
    const begun = performance.now()
    const reply = await receiver.post('logs', 'quiet', logsRequest([{ text: `quiet ${at} since ${started}` }]))
    assert.deepEqual(await reply.json(), {})
    slowest = Math.max(slowest, performance.now() - begun)
  }
  return slowest
}

async function count(receiver: SignalReceiver, service: string): Promise<number> {
  const { rows } = await receiver.db
    .selectFrom('signal_log')
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .where('service', '=', service)
    .where('instance', '<>', 'fairway')
    .executeTakeFirstOrThrow()
  return Number(rows)
}
