import type { LogLine, MetricSeries, Span, TraceSummary } from '#model/signals.ts'

/** One service in one environment; the adapter adds it to every query itself, so no text of a caller can widen it. */
export interface SignalScope {
  readonly service: string
  readonly environment: string
}

export interface TimeRange {
  readonly from: string
  readonly to: string
}

/** What a store takes of the records that the platform received and stamped. */
export interface SignalIntake {
  /**
   * An OTLP/JSON export request with so many records. Resolves when it is stored, with what was refused for good; throws
   * when nothing was taken and the same may be sent again.
   */
  take(request: unknown, records: number): Promise<{ readonly rejected: number; readonly message?: string }>
}

interface Stored {
  /** Absent where the platform's own receiver stores, or where something else brings the signals. */
  readonly intake?: SignalIntake
}

/** Logs of one service and environment. */
export interface Logs extends Stored {
  readonly can: { readonly follow: boolean; readonly search: 'literal' }
  /** Oldest first, at most `limit`. With `after`, lines behind that cursor; else the newest `limit` lines. `contains` is literal text. */
  query(
    scope: SignalScope,
    query: {
      after?: string
      before?: string
      limit: number
      level?: LogLine['level']
      contains?: string
      traceId?: string
    },
  ): Promise<readonly LogLine[]>
  /** Calls back when lines arrived. A hint. Returns the unsubscribe. */
  onAppend(scope: SignalScope, listener: () => void): () => void
}

/** Golden signals of one service and environment, as the HTTP server semantic conventions of OpenTelemetry name them. */
export interface Metrics extends Stored {
  /** Series: `requests` (1/s by status class), `errors` (share 0–1), `latency` (ms by quantile), `memory` (bytes), `cpu` (share of a core). */
  golden(scope: SignalScope, range: TimeRange, points: number): Promise<readonly MetricSeries[]>
  /** What is written as code beside each service, for the tools around this store. Absent: nothing is. */
  readonly asCode?: MetricsAsCode
}

export interface MetricsAsCode {
  /** Labels of every series that say whose it is. */
  readonly labels: { readonly service: string; readonly environment: string }
  /** Longest time between two exports, in seconds. */
  readonly exportSeconds: number
  /** A dashboard per service, and where people open it; `product` is what it is called there. */
  readonly dashboards?: { readonly product: string; addressOf(uid: string): string }
  /** Alert rules per service: a rule file in a ConfigMap, or an object of the kind PrometheusRule. */
  readonly alertRules?: AlertRulesForm
}

export type AlertRulesForm = 'configmap' | 'prometheus-rule'

export interface Traces extends Stored {
  list(
    scope: SignalScope,
    query: { range: TimeRange; limit: number; errorsOnly?: boolean; minDurationMs?: number },
  ): Promise<readonly TraceSummary[]>
  /** Spans of one trace that belong to the scope's service or were reached from it; undefined when unknown. */
  read(scope: SignalScope, traceId: string): Promise<readonly Span[] | undefined>
}
