import { randomUUID } from 'node:crypto'
import { context, diag, DiagLogLevel, type Meter, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions'
import { type Config, serviceName } from './config.ts'
import type { Log } from './log.ts'

export interface Telemetry {
  /** Sends what is left, and gives up after the limit. */
  stop(limitMs: number): Promise<void>
}

/** Traces and metrics over OTLP to OTEL_EXPORTER_OTLP_ENDPOINT. Without that variable telemetry is off. */
export function startTelemetry(config: Config, log: Log): Telemetry {
  if (!process.env['OTEL_EXPORTER_OTLP_ENDPOINT']) return { stop: async () => {} }
  diag.setLogger(warnings(log), DiagLogLevel.WARN)
  const resource = resourceOf(config)

  const tracerProvider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 1_000 })],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(tracerProvider)

  const exportIntervalMillis = Number(process.env['OTEL_METRIC_EXPORT_INTERVAL']) || 5_000
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis,
    exportTimeoutMillis: exportIntervalMillis,
  })
  const meterProvider = new MeterProvider({ resource, readers: [reader] })
  metrics.setGlobalMeterProvider(meterProvider)
  observeProcess(metrics.getMeter(serviceName))

  return {
    async stop(limitMs) {
      const limit = new Promise((resolve) => setTimeout(resolve, limitMs))
      await Promise.race([Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]), limit])
    },
  }
}

// The platform's OTEL_* variables come last, so they win.
function resourceOf({ version, environment }: Config) {
  return defaultResource()
    .merge(
      resourceFromAttributes({
        [ATTR_SERVICE_NAME]: serviceName,
        [ATTR_SERVICE_VERSION]: version,
        [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: environment,
        // Counters of two replicas must not be taken for one.
        [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
      }),
    )
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }))
}

function observeProcess(meter: Meter): void {
  const memory = { unit: 'By', description: 'The amount of physical memory in use.' }
  meter.createObservableUpDownCounter('process.memory.usage', memory).addCallback((result) => {
    result.observe(process.memoryUsage.rss())
  })
  const cpu = { unit: 's', description: 'Total CPU seconds broken down by different modes.' }
  meter.createObservableCounter('process.cpu.time', cpu).addCallback((result) => {
    const { user, system } = process.cpuUsage()
    result.observe(user / 1e6, { 'cpu.mode': 'user' })
    result.observe(system / 1e6, { 'cpu.mode': 'system' })
  })
}

// A collector that is away fails every few seconds: one line a minute says enough.
function warnings(log: Log) {
  let quietUntil = 0
  const warn = (reason: string) => {
    if (Date.now() < quietUntil) return
    quietUntil = Date.now() + 60_000
    log.warn('telemetry is not delivered', { reason })
  }
  return { error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} }
}
