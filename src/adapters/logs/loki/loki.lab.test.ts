import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeLogs } from '#ports/logs.contract.ts'
import { freshScopes, logsRequest } from '#ports/otlp-samples.ts'
import type { Logs, SignalScope } from '#ports/signals.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { signalForwarder } from '../../../../testing/signal-forwarder.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { checkConnection } from './check-connection.ts'
import { lokiLogs } from './loki.ts'
import { LokiOptions } from './options.ts'

const lab = await labFacts('loki')

describe('Loki', { skip: lab.skip }, () => {
  const logs = (more: object = {}) =>
    lokiLogs(LokiOptions.parse({ url: lab.facts['url'], tenant: lab.facts['tenant'], ...more }), { everyMs: 100 })
  const count = async (port: Logs, scope: SignalScope) => (await port.query(scope, { limit: 5_000 })).length

  describeLogs('loki', async (t) => {
    const port = logs()
    t.after(() => port.close())
    const { write } = await signalForwarder(t, 'logs', { intakes: { logs: port.intake } })
    return {
      port,
      async write(scope, request) {
        const wanted = (await count(port, scope)) + linesOf(request)
        await write(scope, request)
        await waitUntil(async () => (await count(port, scope)) >= wanted, { what: 'the lines in Loki' })
      },
    }
  })

  test('lines of one nanosecond that something else wrote are given once each, page by page', async () => {
    const port = logs({ writtenBy: 'collector' })
    const { mine } = freshScopes()
    const ns = `${Date.now()}000000`
    const texts = Array.from({ length: 120 }, (_, at) => `same instant ${at}`)
    await push(
      mine,
      [...texts, 'a moment later'].map((text, at) => [at < 120 ? ns : `${ns.slice(0, -1)}1`, text]),
    )
    await waitUntil(async () => (await count(port, mine)) === 121, { what: 'the lines in Loki' })

    const [all, back] = [await forwards(port, mine), await backwards(port, mine)]

    assert.deepEqual(all.toSorted(), [...texts, 'a moment later'].toSorted())
    assert.equal(all.at(-1), 'a moment later')
    assert.deepEqual(back, all)
  })

  test('another tenant sees nothing', async () => {
    const { mine } = freshScopes()
    await push(mine, [[`${Date.now()}000000`, 'ours']])

    await waitUntil(async () => (await count(logs(), mine)) === 1, { what: 'the line in Loki' })
    assert.equal(await count(logs({ tenant: 'fairway-another' }), mine), 0)
  })

  test('many who follow a stream cost one question, and who leaves hears no more', async (t) => {
    const port = logs()
    t.after(() => port.close())
    const { mine } = freshScopes()
    const { write } = await signalForwarder(t, 'logs', { intakes: { logs: port.intake } })
    let heard = 0
    const leaving = Array.from({ length: 500 }, () => port.onAppend(mine, () => heard++))

    assert.equal(port.watched, 1)
    await port.query(mine, { limit: 1 })
    await waitUntil(
      async () => {
        await write(mine, logsRequest([{ text: 'news' }]))
        return heard >= 500
      },
      { what: 'news for 500 readers', everyMs: 200 },
    )
    for (const leave of leaving) leave()
    assert.equal(port.watched, 0)
  })

  test('the live check says what is there, and that a tenant is missing', async () => {
    const { url, tenant } = lab.facts
    const found = await checkConnection(LokiOptions.parse({ url, tenant }))
    const without = await checkConnection(LokiOptions.parse({ url }))

    assert.deepEqual(
      found.map(({ check, state }) => [check, state]),
      [
        ['version', 'ok'],
        ['query', 'ok'],
        ['receive OTLP', 'ok'],
      ],
    )
    assert.deepEqual(without.map(({ check, state, hint }) => [check, state, hint])[1], [
      'query',
      'missing',
      'set tenant',
    ])
  })

  async function push(scope: SignalScope, values: readonly (readonly [string, string] | string[])[]): Promise<void> {
    const stream = { service_name: scope.service, deployment_environment_name: scope.environment, pod: 'one' }
    const reply = await fetch(`${lab.facts['url']}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-scope-orgid': lab.facts['tenant'] ?? '' },
      body: JSON.stringify({ streams: [{ stream, values }] }),
    })
    assert.equal(reply.status, 204, await reply.text())
  }
})

async function forwards(port: Logs, scope: SignalScope): Promise<string[]> {
  const [first] = await port.query(scope, { limit: 5_000 })
  const seen = [first].filter((line) => line !== undefined)
  for (let page = 0; page < 200; page++) {
    const next = await port.query(scope, { after: seen.at(-1)?.cursor ?? '', limit: 7 })
    if (next.length === 0) break
    seen.push(...next)
  }
  return seen.map(({ text }) => text)
}

async function backwards(port: Logs, scope: SignalScope): Promise<string[]> {
  let seen = [...(await port.query(scope, { limit: 7 }))]
  for (let page = 0; page < 200; page++) {
    const earlier = await port.query(scope, { before: seen[0]?.cursor ?? '', limit: 7 })
    if (earlier.length === 0) break
    seen = [...earlier, ...seen]
  }
  return seen.map(({ text }) => text)
}

function linesOf(request: unknown): number {
  return JSON.stringify(request).split('"timeUnixNano"').length - 1
}
