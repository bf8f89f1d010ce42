import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { freshScopes, type SampleScopes, type SampleSpan, tracesRequest } from './otlp-samples.ts'
import type { SignalScope, TimeRange, Traces } from './signals.ts'

export interface TracesUnderTest {
  readonly port: Traces
  /** Sends an OTLP/JSON request as that workload; resolves when a query finds it. */
  write(scope: SignalScope, request: unknown): Promise<void>
}

interface Promised {
  readonly port: Traces
  readonly scopes: SampleScopes
  /** Id of the trace of that number: new in each promise, since a store may hold others. */
  trace(number: number): string
  span(known: Partial<SampleSpan> & Pick<SampleSpan, 'spanId' | 'name'>): SampleSpan
  write(scope: SignalScope, spans: SampleSpan[]): Promise<void>
}

/** What every store of traces promises. `make` may give one that others write to. */
export function describeTraces(product: string, make: (t: TestContext) => Promise<TracesUnderTest>): void {
  const promise = (what: string, check: (under: Promised) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => {
      const { port, write } = await make(t)
      const mark = randomBytes(15).toString('hex')
      const trace = (number: number) => `${mark}c${number}`
      await check({
        port,
        scopes: freshScopes(),
        trace,
        span: (known) => ({ traceId: trace(0), startMs: Date.now() - 5_000, durationMs: 10, ...known }),
        write: (scope, spans) => write(scope, tracesRequest(spans)),
      })
    })

  promise('a trace is summed up by its root, with all its services', async ({ port, scopes, span, write }) => {
    const now = Date.now() - 10_000
    await write(scopes.mine, [
      span({ spanId: id(1), name: 'GET /cart', startMs: now, durationMs: 80 }),
      span({ spanId: id(2), parentId: id(1), name: 'call', kind: 3, startMs: now + 5, durationMs: 50 }),
    ])
    await write(scopes.other, [
      span({ spanId: id(3), parentId: id(2), name: 'GET /price', startMs: now + 10, durationMs: 40 }),
    ])

    const [summary] = await port.list(scopes.mine, { range: lastHour(), limit: 10 })

    const { name, spans, error, services, durationMs } = summary ?? {}
    assert.deepEqual(
      { name, spans, error, services, durationMs },
      {
        name: 'GET /cart',
        spans: 3,
        error: false,
        services: [scopes.mine.service, scopes.other.service],
        durationMs: 80,
      },
    )
  })

  promise('newest first, at most as many as asked for', async ({ port, scopes, trace, span, write }) => {
    const now = Date.now() - 60_000
    for (const at of [1, 2, 3])
      await write(scopes.mine, [
        span({ traceId: trace(at), spanId: id(at), name: `n${at}`, startMs: now + at * 1_000 }),
      ])

    const names = (await port.list(scopes.mine, { range: lastHour(), limit: 2 })).map(({ name }) => name)

    assert.deepEqual(names, ['n3', 'n2'])
  })

  promise('failed and slow traces can be asked for alone', async ({ port, scopes, trace, span, write }) => {
    await write(scopes.mine, [
      span({ traceId: trace(1), spanId: id(1), name: 'fast', durationMs: 5 }),
      span({ traceId: trace(2), spanId: id(2), name: 'slow', durationMs: 900 }),
      span({ traceId: trace(3), spanId: id(3), name: 'failed', durationMs: 5, failed: true }),
    ])

    const slow = await port.list(scopes.mine, { range: lastHour(), limit: 10, minDurationMs: 500 })
    const failed = await port.list(scopes.mine, { range: lastHour(), limit: 10, errorsOnly: true })

    assert.deepEqual([slow.map(({ name }) => name), failed.map(({ name }) => name)], [['slow'], ['failed']])
  })

  promise(
    'reading gives the own spans and what they reached, in order of start',
    async ({ port, scopes, trace, span, write }) => {
      const now = Date.now() - 10_000
      await write(scopes.other, [
        span({ spanId: id(1), name: 'caller', startMs: now }),
        span({ spanId: id(9), parentId: id(1), name: "the caller's own", startMs: now }),
      ])
      await write(scopes.mine, [span({ spanId: id(2), parentId: id(1), name: 'mine', startMs: now + 1 })])
      await write(scopes.other, [span({ spanId: id(3), parentId: id(2), name: 'reached', startMs: now + 2 })])

      const spans = await port.read(scopes.mine, trace(0))

      assert.deepEqual(
        spans?.map(({ name, service }) => [name, service]),
        [
          ['mine', scopes.mine.service],
          ['reached', scopes.other.service],
        ],
      )
      assert.equal(spans?.[1]?.parentId, id(2))
    },
  )

  promise('a trace of others only is unknown', async ({ port, scopes, trace, span, write }) => {
    await write(scopes.other, [span({ spanId: id(1), name: 'not mine' })])
    await write(scopes.elsewhere, [span({ spanId: id(2), name: 'another environment' })])

    assert.equal(await port.read(scopes.mine, trace(0)), undefined)
    assert.deepEqual(await port.list(scopes.mine, { range: lastHour(), limit: 10 }), [])
  })

  promise('a span sent twice counts once', async ({ port, scopes, trace, span, write }) => {
    const same = span({ spanId: id(1), name: 'again' })

    await write(scopes.mine, [same])
    await write(scopes.mine, [same])

    assert.equal((await port.read(scopes.mine, trace(0)))?.length, 1)
  })
}

function id(number: number): string {
  return `d${number}`.repeat(8)
}

function lastHour(): TimeRange {
  return { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() }
}
