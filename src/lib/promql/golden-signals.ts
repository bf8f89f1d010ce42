import { binary, call, type Matcher, type PromExpression, sum } from './tree.ts'

/** One chart: its series by name, and what tells its lines apart. */
export interface GoldenQuery {
  readonly name: 'requests' | 'errors' | 'latency' | 'memory' | 'cpu'
  readonly unit: string
  /** Label of the result that becomes a label of the series. */
  readonly by?: string
  /** Labels that every line of the result gets. */
  readonly labels: Readonly<Record<string, string>>
  readonly tree: PromExpression
}

// OpenTelemetry's semantic conventions as the OTLP receiver of Prometheus names them (underscores, unit suffixes).
const requests = 'http_server_request_duration_seconds'
const statusCode = 'http_response_status_code'
const runtimeMemory =
  'process_runtime_memory_usage_bytes|jvm_memory_used_bytes|go_memory_used_bytes|v8js_memory_heap_used_bytes'
const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 }

/**
 * The golden signals of what the matchers select, over a sliding window. Charts, dashboards and alert rules are made of
 * these. A window without reports gives nothing, never zero: it should cover at least two exports.
 */
export function goldenQueries(scope: readonly Matcher[], window: number): readonly GoldenQuery[] {
  return [
    { name: 'requests', unit: '1/s', by: 'status', labels: {}, tree: byStatus(scope, window) },
    { name: 'errors', unit: '1', labels: {}, tree: errorShare(scope, window) },
    ...Object.entries(quantiles).map(([quantile, share]) => ({
      name: 'latency' as const,
      unit: 'ms',
      labels: { quantile },
      tree: latency(scope, window, share),
    })),
    { name: 'memory', unit: 'By', labels: {}, tree: memory(scope, window) },
    { name: 'cpu', unit: '1', labels: {}, tree: cpu(scope, window) },
  ]
}

/** Share of requests that ended with 5xx: zero when none did, nothing when there was no request. */
export function errorShare(scope: readonly Matcher[], window: number): PromExpression {
  const all = rateOf(`${requests}_count`, scope, window)
  const failed = rateOf(`${requests}_count`, [...scope, { label: statusCode, op: '=~', value: '5..' }], window)
  return binary(binary(sum(failed), 'or', binary(sum(all), '*', 0)), '/', binary(sum(all), '>', 0))
}

/** Milliseconds below which that share of the requests was answered. */
export function latency(scope: readonly Matcher[], window: number, share: number): PromExpression {
  const buckets = sum(rateOf(`${requests}_bucket`, scope, window), 'le')
  return binary(call('histogram_quantile', share, buckets), '*', 1000)
}

/** Requests of all kinds per second. */
export function requestRate(scope: readonly Matcher[], window: number): PromExpression {
  return sum(rateOf(`${requests}_count`, scope, window))
}

function byStatus(scope: readonly Matcher[], window: number): PromExpression {
  const counted = rateOf(`${requests}_count`, scope, window)
  return sum(call('label_replace', counted, 'status', '${1}xx', statusCode, '([1-5])..'), 'status')
}

function memory(scope: readonly Matcher[], window: number): PromExpression {
  const runtime: Matcher = { label: '__name__', op: '=~', value: runtimeMemory }
  return binary(
    sum(call('last_over_time', { kind: 'select', metric: 'process_memory_usage_bytes', matchers: scope, window })),
    'or',
    sum(call('last_over_time', { kind: 'select', matchers: [runtime, ...scope], window })),
  )
}

function cpu(scope: readonly Matcher[], window: number): PromExpression {
  const working: Matcher = { label: 'cpu_mode', op: '!=', value: 'wait' }
  return binary(
    sum(rateOf('process_cpu_time_seconds_total', [...scope, working], window)),
    'or',
    sum(call('last_over_time', { kind: 'select', metric: 'process_cpu_utilization_ratio', matchers: scope, window })),
  )
}

function rateOf(metric: string, matchers: readonly Matcher[], window: number): PromExpression {
  return call('rate', { kind: 'select', metric, matchers, window })
}
