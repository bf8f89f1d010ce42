import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEngine } from '../run/engine.ts'

const ports = { query: 26_686, grpc: 24_317, http: 24_318, health: 24_133 }

/** Jaeger with traces in memory, on loopback: OTLP in, its query API out. */
export const jaeger: LabEngine = {
  name: 'jaeger',
  binaries: ['jaeger'],
  async start(lab) {
    const state = await lab.state('jaeger')
    await writeFile(join(state, 'jaeger.yaml'), JSON.stringify(config()))
    const url = `http://127.0.0.1:${ports.query}`
    await lab.start({
      name: 'jaeger',
      argv: [lab.bin('jaeger'), `--config=${join(state, 'jaeger.yaml')}`],
      ready: async () => (await fetch(`${url}/api/services`)).ok,
    })
    const otlp = { otlpGrpc: `127.0.0.1:${ports.grpc}`, otlpUrl: `http://127.0.0.1:${ports.http}` }
    await lab.writeFacts('jaeger', { url, ...otlp, binary: lab.bin('jaeger') })
  },
}

function config(): unknown {
  const at = (port: number) => ({ endpoint: `127.0.0.1:${port}` })
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: at(ports.health) },
      jaeger_storage: { backends: { memory: { memory: { max_traces: 20_000 } } } },
      jaeger_query: { storage: { traces: 'memory' }, http: at(ports.query), grpc: at(ports.query + 1) },
    },
    receivers: { otlp: { protocols: { grpc: at(ports.grpc), http: at(ports.http) } } },
    processors: { batch: { timeout: '100ms' } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  }
}
