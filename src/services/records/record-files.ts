import { z } from 'zod'
import { type RecordedRow, type RecordKind, recordKinds } from '#store/record.ts'

/** The first folder of a path is the version of what lies below it. */
export const recordsFolder = 'v1'

const folders: Readonly<Record<RecordKind, string>> = {
  service: 'services',
  release: 'releases',
  deployment_outcome: 'outcomes',
  drift: 'drift',
  run: 'runs',
}

const Row = z.record(z.string(), z.unknown())
const RecordFile = z.strictObject({ row: Row, steps: z.array(Row).optional() })

/** Where the record of a row lies. Runs are spread by two characters of their id: one folder would hold them all. */
export function recordPath({ kind, key }: Pick<RecordedRow, 'kind' | 'key'>): string {
  const name = kind === 'run' ? `${key.slice(1, 3)}/${key}` : key
  return `${recordsFolder}/${folders[kind]}/${name}.json`
}

/** The same row is always the same text. */
export function recordText({ row, steps }: RecordedRow): string {
  return `${JSON.stringify({ row: sorted(row), ...(steps && { steps: steps.map(sorted) }) }, null, 1)}\n`
}

/** Undefined for a file that is no record. */
export function readRecord(path: string, text: string): RecordedRow | undefined {
  const [, folder, name = ''] = /^v1\/([a-z]+)\/(.+)\.json$/.exec(path) ?? []
  const kind = recordKinds.find((one) => folders[one] === folder)
  const file = kind && RecordFile.safeParse(parsed(text))
  if (!kind || !file?.success) return undefined
  const key = kind === 'run' ? name.slice(name.indexOf('/') + 1) : name
  return { kind, key, row: file.data.row, ...(file.data.steps && { steps: file.data.steps }) }
}

function sorted(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
