import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEngine } from '../run/engine.ts'

const address = '10.77.0.1'
const ports = { grpc: 4317, http: 4318, health: 24_134 }

/**
 * An OpenTelemetry collector where pods reach it: traces to Jaeger, logs to Loki, metrics to Prometheus. The Jaeger
 * binary is one. It passes on what workloads say of themselves: nothing here stamps.
 */
export const collector: LabEngine = {
  name: 'collector',
  binaries: ['jaeger'],
  needs: ['network', 'prometheus', 'loki', 'jaeger'],
  async start(lab) {
    const state = await lab.state('collector')
    const [metrics, logs, traces] = await Promise.all(['prometheus', 'loki', 'jaeger'].map((name) => lab.facts(name)))
    const config = configOf({
      metrics: metrics?.['url'] ?? '',
      logs: logs?.['url'] ?? '',
      tenant: logs?.['tenant'] ?? '',
      traces: traces?.['otlpUrl'] ?? '',
    })
    await writeFile(join(state, 'collector.yaml'), JSON.stringify(config))
    await lab.start({
      name: 'collector',
      argv: [lab.bin('jaeger'), `--config=${join(state, 'collector.yaml')}`],
      ready: async () => (await fetch(`http://127.0.0.1:${ports.health}/status`)).ok,
    })
    await lab.writeFacts('collector', {
      otlpUrl: `http://${address}:${ports.http}`,
      otlpGrpc: `${address}:${ports.grpc}`,
    })
  },
}

function configOf({ metrics, logs, tenant, traces }: Record<'metrics' | 'logs' | 'tenant' | 'traces', string>) {
  const pipeline = (exporter: string) => ({ receivers: ['otlp'], processors: ['batch'], exporters: [exporter] })
  const at = (port: number) => ({ endpoint: `${address}:${port}` })
  return {
    service: {
      extensions: ['healthcheckv2'],
      pipelines: {
        metrics: pipeline('otlphttp/prometheus'),
        logs: pipeline('otlphttp/loki'),
        traces: pipeline('otlphttp/jaeger'),
      },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: { healthcheckv2: { use_v2: true, http: { endpoint: `127.0.0.1:${ports.health}` } } },
    receivers: { otlp: { protocols: { grpc: at(ports.grpc), http: at(ports.http) } } },
    processors: { batch: { timeout: '100ms' } },
    exporters: {
      'otlphttp/prometheus': { endpoint: `${metrics}/api/v1/otlp` },
      'otlphttp/loki': { endpoint: `${logs}/otlp`, headers: { 'X-Scope-OrgID': tenant } },
      'otlphttp/jaeger': { endpoint: traces },
    },
  }
}
