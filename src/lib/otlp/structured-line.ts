import { type Attributes, type Plain, record } from './attributes.ts'
import { storable } from './clean-text.ts'
import { hexOf } from './identifiers.ts'
import { type Level, levelNamed, levels } from './level.ts'

export interface StructuredLine {
  readonly text: string
  readonly level: Level | undefined
  readonly traceId: string | undefined
  readonly fields: Attributes
}

const maxDepth = 8
const known = new Set(['msg', 'message', 'level', 'severity', 'time', 'timestamp', 'trace_id', 'traceId'])

/** A line that is a JSON object with a message, as loggers write to standard output; undefined for any other line. */
export function structuredLine(line: string): StructuredLine | undefined {
  if (!line.startsWith('{') || !line.trimEnd().endsWith('}')) return undefined
  const object = parse(line)
  const text = object?.['msg'] ?? object?.['message']
  if (object === undefined || typeof text !== 'string') return undefined
  const rest = Object.entries(object).filter(([key]) => !known.has(key))
  return {
    text,
    level: levelNamed(object['level'] ?? object['severity']) ?? pinoLevel(object['level']),
    traceId: hexOf(object['trace_id'] ?? object['traceId'], 32),
    fields: Object.fromEntries(rest.map(([key, value]) => [storable(key), bounded(value, 1)])),
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(line))
  } catch {
    return undefined // an ordinary line that happens to begin with a brace
  }
}

function pinoLevel(value: unknown): Level | undefined {
  return typeof value === 'number' && value >= 10 && value <= 60 ? levels[Math.floor(value / 10) - 1] : undefined
}

function bounded(value: unknown, depth: number): Plain {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return (value ?? null) as Plain
  if (depth >= maxDepth) return '…'
  if (Array.isArray(value)) return value.slice(0, 128).map((item) => bounded(item, depth + 1))
  const entries = Object.entries(value).slice(0, 128)
  return Object.fromEntries(entries.map(([key, item]) => [storable(key), bounded(item, depth + 1)]))
}
