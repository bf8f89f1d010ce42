import { trace } from '@opentelemetry/api'

const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const
export type Level = (typeof levels)[number]
export type Fields = Record<string, unknown> & { time?: never; level?: never; msg?: never }
export type Log = Record<Level, (msg: string, fields?: Fields) => void>

/** One line of JSON per event on standard output; inside a request it carries the ids of its trace. */
export function createLog(lowest: Level, write: (line: string) => void = writeToStdout): Log {
  const logAt = (level: Level) => (msg: string, fields?: Fields) => {
    if (levels.indexOf(level) >= levels.indexOf(lowest)) write(`${line(level, msg, fields)}\n`)
  }
  return {
    debug: logAt('debug'),
    info: logAt('info'),
    warn: logAt('warn'),
    error: logAt('error'),
    fatal: logAt('fatal'),
  }
}

function line(level: Level, msg: string, fields?: Fields): string {
  const span = trace.getActiveSpan()?.spanContext()
  const head = { time: new Date().toISOString(), level, msg, trace_id: span?.traceId, span_id: span?.spanId }
  try {
    return JSON.stringify({ ...head, ...fields }, plain)
  } catch (error) {
    return JSON.stringify({ ...head, unloggable: String(error) })
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  return { type: value.name, message: value.message, stack: value.stack, cause: value.cause }
}

function writeToStdout(text: string): void {
  process.stdout.write(text)
}
