import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { spanRecords } from '#lib/otlp/spans.ts'
import { freshScopes, tracesRequest } from '#ports/otlp-samples.ts'
import { describeTraces } from '#ports/traces.contract.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { signalForwarder } from '../../../../testing/signal-forwarder.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { checkConnection } from './check-connection.ts'
import { jaegerTraces } from './jaeger.ts'
import { JaegerOptions } from './options.ts'
import { TracesAnswer } from './schema.ts'

const lab = await labFacts('jaeger')

describe('Jaeger', { skip: lab.skip }, () => {
  const traces = () => jaegerTraces(JaegerOptions.parse({ url: lab.facts['url'], otlpUrl: lab.facts['otlpUrl'] }))

  describeTraces('jaeger', async (t) => {
    const port = traces()
    const { write } = await signalForwarder(t, 'traces', { intakes: { traces: port.intake } })
    const sent = new Map<string, Set<string>>()
    return {
      port,
      async write(scope, request) {
        for (const { traceId, spanId } of idsOf(request))
          sent.set(traceId, (sent.get(traceId) ?? new Set()).add(spanId))
        await write(scope, request)
        await waitUntil(
          async () => {
            const found = await Promise.all([...sent].map(async ([id, spans]) => (await spansOf(id)) >= spans.size))
            return found.every(Boolean)
          },
          { what: 'the spans in Jaeger' },
        )
      },
    }
  })

  test('an environment that a span claims for itself does not show it there', async (t) => {
    const port = traces()
    const { mine, elsewhere } = freshScopes()
    const { write } = await signalForwarder(t, 'traces', { intakes: { traces: port.intake } })
    const traceId = crypto.randomUUID().replaceAll('-', '')
    const spans = [{ traceId, spanId: 'd1'.repeat(8), name: 'forged', startMs: Date.now() - 5_000, durationMs: 1 }]
    const claim = { key: 'deployment.environment.name', value: { stringValue: mine.environment } }

    const request = JSON.parse(JSON.stringify(tracesRequest(spans)), (key, value) =>
      key === 'attributes' && Array.isArray(value) ? [...value, claim] : value,
    )
    await write(elsewhere, request)

    await waitUntil(async () => (await spansOf(traceId)) === 1, { what: 'the span in Jaeger' })
    assert.equal(await port.read(mine, traceId), undefined)
    assert.equal((await port.read(elsewhere, traceId))?.length, 1)
  })

  test('the live check says what is there', async () => {
    const { url, otlpUrl } = lab.facts
    const found = await checkConnection(JaegerOptions.parse({ url, otlpUrl }))
    const wrong = await checkConnection(JaegerOptions.parse({ url: otlpUrl, otlpUrl: 'http://127.0.0.1:9' }))

    assert.deepEqual(
      found.map(({ check, state }) => [check, state]),
      [
        ['query', 'ok'],
        ['receive OTLP', 'ok'],
      ],
    )
    assert.deepEqual(
      wrong.map(({ state }) => state),
      ['problem', 'problem'],
    )
  })

  async function spansOf(traceId: string): Promise<number> {
    const reply = await fetch(`${lab.facts['url']}/api/traces/${traceId}`)
    const answer = TracesAnswer.parse(await reply.json())
    return (answer.data ?? []).flatMap(({ spans }) => spans ?? []).length
  }
})

function idsOf(request: unknown): { traceId: string; spanId: string }[] {
  return spanRecords(request).map(({ record }) => record as { traceId: string; spanId: string })
}
