import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError } from '#errors/platform-error.ts'
import { logRecords } from '#lib/otlp/log-records.ts'
import { freshScopes, logsRequest, requestsMetric } from '#ports/otlp-samples.ts'
import type { SignalIntake } from '#ports/signals.ts'
import { signalForwarder } from '../../../../testing/signal-forwarder.ts'

const away = () => new PlatformError('PRODUCT_UNREACHABLE', 'Loki cannot be asked since now')
const refusing: SignalIntake = { take: async (_, records) => ({ rejected: records, message: 'too old' }) }

test('while the product is away nothing is kept: the sender is told to come again', async (t) => {
  const { sink } = await signalForwarder(t, 'logs', { intakes: { logs: { take: () => Promise.reject(away()) } } })
  const { mine } = freshScopes()

  for (let at = 0; at < 3; at++)
    await assert.rejects(sink.accept('logs', originOf(mine), logsRequest([{ text: 'held by its sender' }])), {
      code: 'PRODUCT_UNREACHABLE',
    })

  assert.deepEqual(await sink.drops(mine), [])
})

test('a flood before a product that hangs takes a bounded part of memory, and is refused beyond it', async (t) => {
  const hanging = Promise.withResolvers<{ rejected: number }>()
  const plenty = { perSecond: 1e9, burst: 1e9 }
  const { sink } = await signalForwarder(t, 'logs', {
    intakes: { logs: { take: () => hanging.promise } },
    limits: { records: { logs: plenty, metrics: plenty, traces: plenty }, bytes: plenty },
  })
  const { mine } = freshScopes()
  const thousand = logsRequest(Array.from({ length: 1_000 }, (_, at) => ({ text: `${at} ${'x'.repeat(500)}` })))
  const before = process.memoryUsage().rss

  const waiting: Promise<unknown>[] = []
  let refused = 0
  for (let at = 0; at < 300; at++) {
    const sending = sink.accept('logs', originOf(mine), thousand).catch((error: PlatformError) => {
      assert.equal(error.code, 'SERVER_BUSY')
      refused++
    })
    waiting.push(sending)
    if (at % 50 === 0) await new Promise(setImmediate)
  }
  await new Promise(setImmediate)

  assert.ok(refused >= 250, `${refused} refused`)
  assert.ok(process.memoryUsage().rss - before < 250_000_000, `${process.memoryUsage().rss - before}`)
  hanging.resolve({ rejected: 0 })
  await Promise.all(waiting)
})

test('what the product refuses for good is counted and said', async (t) => {
  const { sink } = await signalForwarder(t, 'metrics', {
    intakes: { metrics: refusing },
    limits: { gatherMs: 10 },
  })
  const { mine } = freshScopes()
  const end = Date.now()
  const request = requestsMetric({
    fromMs: end - 60_000,
    toMs: end,
    temporality: 'cumulative',
    bounds: [1],
    statuses: { 200: [1, 0], 500: [1, 0] },
  })

  const receipt = await sink.accept('metrics', originOf(mine), request)

  assert.deepEqual(receipt, { rejected: 2, message: 'not stored: 2 refused by the store' })
  await sink.close()
  assert.deepEqual(
    (await sink.drops(mine)).map(({ signal, reason, count }) => [signal, reason, count]),
    [['metrics', 'refused by the store', 2]],
  )
})

test('lines of one workload are passed on one request after the other, each at an instant of its own', async (t) => {
  const requests: unknown[] = []
  let running = 0
  const { sink } = await signalForwarder(t, 'logs', {
    intakes: {
      logs: {
        async take(request) {
          assert.equal(++running, 1)
          await new Promise(setImmediate)
          running--
          requests.push(request)
          return { rejected: 0 }
        },
      },
    },
  })
  const { mine } = freshScopes()
  const at = Date.now()
  const lines = ['a', 'b', 'c'].map((text, nr) => ({ text, at: at - nr * 1_000 }))

  await Promise.all(lines.map((line) => sink.accept('logs', originOf(mine), logsRequest([line, line]))))

  const records = requests.flatMap(logRecords).map(({ record }) => record as Record<string, unknown>)
  const times = records.map(({ timeUnixNano }) => BigInt(timeUnixNano as string))
  assert.equal(new Set(times).size, 6)
  assert.deepEqual(
    times,
    times.toSorted((one, other) => (one < other ? -1 : 1)),
  )
})

function originOf(scope: { service: string; environment: string }) {
  return { ...scope, owner: 'team-a' }
}
