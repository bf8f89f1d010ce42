import {
  type Attributes,
  attributesOf,
  attributeText,
  cutAttributes,
  list,
  millisOf,
  plainOf,
  record,
} from './attributes.ts'
import { cleanLine, cutText } from './clean-text.ts'
import { hexOf, nameOf } from './identifiers.ts'
import { type Level, levelNamed, levelNumbered } from './level.ts'
import { structuredLine } from './structured-line.ts'

/** A log record with the resource it came with, not yet looked into. */
export interface RawRecord {
  readonly resource: unknown
  readonly record: unknown
}

export interface OtlpLog {
  readonly atMs: number | undefined
  readonly level: Level
  readonly text: string
  readonly instance: string
  readonly version: string | undefined
  readonly traceId: string | undefined
  readonly fields: Attributes | undefined
}

export const maxLineBytes = 16_384

/** Every record of an ExportLogsServiceRequest, cheaply: what is over a limit is never looked into. */
export function logRecords(request: unknown): RawRecord[] {
  return list(record(request)['resourceLogs']).flatMap((group) => {
    const resource = record(record(group)['resource'])['attributes']
    return list(record(group)['scopeLogs']).flatMap((scope) =>
      list(record(scope)['logRecords']).map((item) => ({ resource, record: item })),
    )
  })
}

/** One record as one printable line. A line of JSON with a message is taken apart into text, level, trace and fields. */
export function readLog({ resource, record: raw }: RawRecord): OtlpLog {
  const source = record(raw)
  const body = plainOf(source['body'])
  const said = typeof body === 'string' ? body : body === undefined || body === null ? '' : JSON.stringify(body)
  const line = structuredLine(said)
  const fields = { ...line?.fields, ...attributesOf(source['attributes']) }
  return {
    atMs: millisOf(source['timeUnixNano']) ?? millisOf(source['observedTimeUnixNano']),
    level: line?.level ?? levelOf(source),
    text: cutText(cleanLine(line?.text ?? said), maxLineBytes),
    instance: nameOf(attributeText(resource, 'service.instance.id', 'k8s.pod.name', 'host.name')) ?? 'unknown',
    version: nameOf(attributeText(resource, 'service.version')),
    traceId: hexOf(source['traceId'], 32) ?? line?.traceId,
    fields: Object.keys(fields).length > 0 ? cutAttributes(fields, maxLineBytes) : undefined,
  }
}

function levelOf(source: Record<string, unknown>): Level {
  return levelNumbered(source['severityNumber']) ?? levelNamed(source['severityText']) ?? 'info'
}
