import { quoted } from '#lib/promql/tree.ts'
import { type Level, levels } from '#lib/otlp/level.ts'

/** A query for log lines as data: which streams, and what a line must hold. Only the printer makes text of it. */
export interface LogTree {
  readonly streams: Readonly<Record<string, string>>
  readonly contains?: string
  readonly traceId?: string
  readonly level?: Level
}

/** One stream selector with equality matchers only, then filters: no value can close it or add a second one. */
export function printLogql({ streams, contains, traceId, level }: LogTree): string {
  const matchers = Object.entries(streams).map(([label, value]) => `${named(label)}=${quoted(value)}`)
  if (matchers.length === 0) throw new TypeError('a selector without labels would select every stream')
  return [
    `{${matchers.join(',')}}`,
    ...(contains ? [`|= ${quoted(contains)}`] : []),
    ...(traceId === undefined ? [] : [`| trace_id=${quoted(traceId)}`]),
    ...(level === undefined || level === 'trace' ? [] : [`| ${atLeast(level)}`]),
  ].join(' ')
}

/** What senders call each level when they give no severity number; Loki finds these names in lines too. */
const detected: Readonly<Record<Level, readonly string[]>> = {
  trace: ['trace'],
  debug: ['debug'],
  info: ['info', 'unknown'],
  warn: ['warn', 'warning'],
  error: ['error'],
  fatal: ['fatal', 'critical'],
}

// A line of a sender without severity numbers has none of this name; the level that Loki detected stands for it.
function atLeast(level: Level): string {
  const from = levels.indexOf(level)
  const names = levels.slice(from).flatMap((name) => detected[name])
  return `(severity_number >= ${from * 4 + 1} or (severity_number="" and detected_level=~${quoted(names.join('|'))}))`
}

function named(label: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) throw new TypeError(`${JSON.stringify(label)} is no label`)
  return label
}
