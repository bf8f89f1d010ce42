import { type Level, levels } from '#lib/otlp/level.ts'
import { structuredLine } from '#lib/otlp/structured-line.ts'

/** One line of a workload's output. */
export interface OutputLine {
  readonly text: string
  readonly stream: 'stdout' | 'stderr'
  readonly readAt: number
}

interface AnyValue {
  readonly [kind: string]: unknown
}

/** An OTLP LogRecord of a line. A line of JSON gives its own level, time, message, trace and fields; any other is plain text. */
export function logRecord({ text, stream, readAt }: OutputLine): Record<string, unknown> {
  const line = structuredLine(text)
  const level = line?.level ?? (line ? 'info' : levelOfText(text, stream))
  const attributes = [
    { key: 'log.iostream', value: { stringValue: stream } },
    ...Object.entries(line?.fields ?? {}).map(([key, value]) => ({ key, value: anyValue(value) })),
  ]
  const at = (line && timeOf(text)) ?? readAt
  return {
    timeUnixNano: `${BigInt(Math.round(at)) * 1_000_000n}`,
    observedTimeUnixNano: `${BigInt(Math.round(readAt)) * 1_000_000n}`,
    severityNumber: levels.indexOf(level) * 4 + 1,
    severityText: level,
    body: { stringValue: line?.text ?? text },
    attributes,
    ...(line?.traceId && { traceId: line.traceId }),
  }
}

const crash = /^\s+at .+[:)\d]$|^(?:Uncaught |\[?)?[A-Z]\w*(?:Error|Exception)\b|^(?:Error|FATAL)\b|^Node\.js v\d/

// Many programs write everything to stderr, so only what looks like a crash is more than information.
function levelOfText(text: string, stream: OutputLine['stream']): Level {
  return stream === 'stderr' && crash.test(text) ? 'error' : 'info'
}

function timeOf(text: string): number | undefined {
  const { time, timestamp } = JSON.parse(text) as { time?: unknown; timestamp?: unknown }
  const said = time ?? timestamp
  const at = typeof said === 'number' ? said : typeof said === 'string' ? Date.parse(said) : Number.NaN
  // Seconds, nanoseconds or nonsense would put the line where nobody looks.
  return at > 1e12 && at < 1e13 ? at : undefined
}

function anyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  if (value === null || typeof value !== 'object') return { stringValue: String(value) }
  return { kvlistValue: { values: Object.entries(value).map(([key, item]) => ({ key, value: anyValue(item) })) } }
}
