import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { startProcess } from './testing/start-process.ts'

/** A collector that keeps what arrives: the real exporters talk to it. */
async function startCollector(t: TestContext) {
  const received: { path: string; token: string | undefined; body: string }[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.stringify(await json(request))
    received.push({ path: request.url ?? '', token: request.headers.authorization, body })
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const bodies = (path: string) =>
    received
      .filter((request) => request.path === path)
      .map(({ body }) => body)
      .join('\n')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, bodies }
}

test('SIGTERM ends the service with exit code 0', async (t) => {
  const service = startProcess(t, {})
  await service.line('ready')

  service.stop()

  assert.equal(await service.ended, 0)
  assert.deepEqual(
    service.logged.map(({ msg }) => msg),
    ['ready', 'stopping', 'stopped'],
  )
})

test('a wrong variable stops the start and is named in the log', async (t) => {
  const service = startProcess(t, { PORT: 'eighty' })

  assert.equal(await service.ended, 1)
  assert.match(JSON.stringify(service.logged), /PORT/)
})

test('traces and metrics reach the collector before the service ends, and the log names the trace', async (t) => {
  const collector = await startCollector(t)
  const service = startProcess(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret',
    OTEL_SERVICE_NAME: 'named-by-the-platform',
    OTEL_RESOURCE_ATTRIBUTES: 'fairway.owner=some-team',
    FAIRWAY_VERSION: '1.2.3',
    FAIRWAY_ENVIRONMENT: 'staging',
    HOST: '127.0.0.1',
  })
  const { port } = await service.line('ready')
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }

  await fetch(`http://127.0.0.1:${port}/items/none`, { headers })
  service.stop()
  await service.ended

  const traces = collector.bodies('/v1/traces')
  const metrics = collector.bodies('/v1/metrics')
  for (const part of ['named-by-the-platform', 'some-team', '1.2.3', 'staging', 'service.instance.id'])
    for (const body of [traces, metrics]) assert.ok(body.includes(part), part)
  assert.ok(traces.includes(traceId) && traces.includes('GET /items/:id'))
  for (const name of ['http.server.request.duration', 'process.memory.usage', 'process.cpu.time'])
    assert.ok(metrics.includes(name), name)
  assert.equal(service.logged.find(({ msg }) => msg === 'request')?.['trace_id'], traceId)
  assert.ok(collector.received.every(({ token }) => token === 'Bearer secret'))
})
