import { cleanLine } from '#lib/otlp/clean-text.ts'
import { hexOf } from '#lib/otlp/identifiers.ts'
import { levelNamed, levelNumbered } from '#lib/otlp/level.ts'
import type { LogLine } from '#model/signals.ts'
import type { Entry } from './entries.ts'
import { cursorOf } from './page.ts'

const known = new Set([
  'trace_id',
  'span_id',
  'flags',
  'severity_number',
  'severity_text',
  'detected_level',
  'observed_timestamp',
  'service_version',
  'scope_name',
  'scope_version',
  'fairway_at',
])
const instanceLabels = ['service_instance_id', 'k8s_pod_name', 'pod', 'host_name']

/** One entry as a line: whoever wrote it, no character of it can look like a second line or move a cursor. */
export function lineOf(entry: Entry): LogLine {
  const { ns, text, labels, metadata } = entry
  const all = { ...labels, ...metadata }
  const number = all['severity_number']
  const level = (number && levelNumbered(number)) || levelNamed(all['detected_level'] ?? all['level']) || 'info'
  const traceId = hexOf(all['trace_id'], 32)
  const version = all['service_version']
  const fields = Object.entries(metadata).filter(([name]) => !known.has(name) && !instanceLabels.includes(name))
  return {
    cursor: cursorOf(entry),
    at: instantOf(all['fairway_at']) ?? new Date(Number(ns / 1_000_000n)).toISOString(),
    level,
    text: cleanLine(text),
    instance: instanceLabels.map((name) => all[name]).find(Boolean) ?? 'unknown',
    ...(version && { version }),
    ...(traceId && { traceId }),
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
  }
}

// The receiver moves a line that came a little late behind those that were read already, and notes its own time.
function instantOf(text: string | undefined): string | undefined {
  const at = new Date(text ?? Number.NaN)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
