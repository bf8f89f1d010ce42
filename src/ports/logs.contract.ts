import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { hostileTexts } from './hostile-texts.ts'
import { freshScopes, logsRequest, type SampleLine, type SampleScopes } from './otlp-samples.ts'
import type { Logs, SignalScope } from './signals.ts'

export interface LogsUnderTest {
  readonly port: Logs
  /** Sends an OTLP/JSON request as that workload; resolves when a query finds it. */
  write(scope: SignalScope, request: unknown): Promise<void>
}

/** What every store of logs promises. `make` may give one that others write to. */
export function describeLogs(product: string, make: (t: TestContext) => Promise<LogsUnderTest>): void {
  const promise = (
    what: string,
    check: (under: {
      port: Logs
      scopes: SampleScopes
      write(scope: SignalScope, lines: SampleLine[]): Promise<void>
      texts(query: Parameters<Logs['query']>[1]): Promise<string[]>
    }) => Promise<void>,
  ) =>
    void test(`${product}: ${what}`, async (t) => {
      const { port, write } = await make(t)
      const scopes = freshScopes()
      await check({
        port,
        scopes,
        write: (scope, lines) => write(scope, logsRequest(lines)),
        texts: async (query) => (await port.query(scopes.mine, query)).map(({ text }) => text),
      })
    })
  const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ text: `line ${at + 1}` }))

  promise('a line comes back with level, instance, version, trace and fields', async ({ port, scopes, write }) => {
    const traceId = 'ab'.repeat(16)

    await write(scopes.mine, [{ text: 'order placed', severity: 13, traceId, fields: { order: '7' } }])

    const [line] = await port.query(scopes.mine, { limit: 10 })
    const { text, level, instance, version, fields } = line ?? {}
    assert.deepEqual(
      { text, level, instance, version, traceId: line?.traceId, order: fields?.['order'] },
      {
        text: 'order placed',
        level: 'warn',
        instance: 'one',
        version: '1.2.3',
        traceId,
        order: '7',
      },
    )
  })

  promise('without a cursor the newest lines come, oldest first', async ({ scopes, write, texts }) => {
    await write(scopes.mine, numbered(5))

    assert.deepEqual(await texts({ limit: 2 }), ['line 4', 'line 5'])
  })

  promise('following by cursor gives every line once, in order', async ({ port, scopes, write }) => {
    await write(scopes.mine, numbered(3))
    const seen = [...(await port.query(scopes.mine, { limit: 10 }))]

    await write(scopes.mine, [{ text: 'line 4' }, { text: 'line 5' }])

    for (let page = 0; page < 3; page++) {
      seen.push(...(await port.query(scopes.mine, { after: seen.at(-1)?.cursor ?? '', limit: 1 })))
    }
    assert.deepEqual(
      seen.map(({ text }) => text),
      ['line 1', 'line 2', 'line 3', 'line 4', 'line 5'],
    )
  })

  promise('paging back by cursor gives every line once', async ({ port, scopes, write, texts }) => {
    await write(scopes.mine, numbered(5))
    const newest = await port.query(scopes.mine, { limit: 2 })

    const earlier = await texts({ before: newest[0]?.cursor ?? '', limit: 2 })

    assert.deepEqual(earlier, ['line 2', 'line 3'])
  })

  promise('a level means that level and worse', async ({ scopes, write, texts }) => {
    const severities = [1, 5, 9, 13, 17, 21]
    await write(
      scopes.mine,
      severities.map((severity) => ({ text: String(severity), severity })),
    )

    assert.deepEqual(await texts({ limit: 10, level: 'warn' }), ['13', '17', '21'])
  })

  promise('a trace finds its lines and no others', async ({ scopes, write, texts }) => {
    await write(scopes.mine, [
      { text: 'in', traceId: '1a'.repeat(16) },
      { text: 'out', traceId: '2b'.repeat(16) },
    ])

    assert.deepEqual(await texts({ limit: 10, traceId: '1a'.repeat(16) }), ['in'])
  })

  promise(
    'a search is literal: every hostile text finds the line that holds it and no other',
    async ({ scopes, write, texts }) => {
      const storable = hostileTexts.filter(
        (text) => text.isWellFormed() && Array.from(text).every((char) => char >= ' '),
      )
      await write(
        scopes.mine,
        storable.map((text) => ({ text: `mine <${text}>` })),
      )
      await write(scopes.other, [{ text: 'secret of another service' }])

      for (const text of storable) {
        const found = await texts({ limit: 500, contains: `<${text}>` })
        assert.deepEqual(found, [`mine <${text}>`], `searching ${text}`)
      }
    },
  )

  promise('no search text reaches a line of another service or environment', async ({ scopes, write, texts }) => {
    await write(scopes.other, [{ text: 'secret of another service' }, { text: "' or '1'='1" }])
    await write(scopes.elsewhere, [{ text: 'secret of another environment' }])
    await write(scopes.mine, [{ text: 'mine' }])

    for (const contains of hostileTexts) {
      const found = await texts({ limit: 500, contains })
      assert.ok(
        found.every((text) => text === 'mine'),
        `searching ${contains} gave ${found.join(' | ')}`,
      )
    }
    assert.ok(hostileTexts.length >= 50)
  })

  promise('one event is one line, whatever it contains', async ({ scopes, write, texts }) => {
    await write(scopes.mine, [
      { text: 'harmless\r\n2026-01-01T00:00:00Z ERROR forged \u001b[2J\u001b]0;title\u0007 \u2028 end' },
    ])

    const lines = await texts({ limit: 10 })
    assert.equal(lines.length, 1)
    for (const unsafe of ['\r', '\n', '\u2028', '\u001b[2J', '\u001b]']) assert.ok(!lines[0]?.includes(unsafe))
    assert.match(lines[0] ?? '', /harmless.*forged.*end/)
  })

  promise('a listener hears of new lines of its scope until it leaves', async ({ port, scopes, write }) => {
    if (!port.can.follow) return
    let heard = 0
    const told = Promise.withResolvers<void>()
    const leave = port.onAppend(scopes.mine, () => {
      heard++
      told.resolve()
    })

    await write(scopes.other, [{ text: 'not for this listener' }])
    assert.equal(heard, 0)
    await write(scopes.mine, [{ text: 'for this listener' }])
    await told.promise

    leave()
    const before = heard
    await write(scopes.mine, [{ text: 'after leaving' }])
    assert.equal(heard, before)
  })
}
