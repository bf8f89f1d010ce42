import { PlatformError } from '#errors/platform-error.ts'
import { stripVTControlCharacters } from 'node:util'
import { safeJson, safeText } from './safe-text.ts'

export interface OutputOptions {
  /** `true` for everything, else the top-level fields asked for. */
  readonly json: boolean | readonly string[]
  readonly quiet: boolean
  readonly color: boolean
  readonly width: number
  readonly stdout: { write(text: string): unknown; isTTY?: boolean }
  readonly stderr: { write(text: string): unknown; isTTY?: boolean }
}

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
}

export type Output = ReturnType<typeof createOutput>

/** Data on stdout, everything else on stderr. Tables for people, tab-separated lines for pipes, JSON as the API gives it. */
export function createOutput(options: OutputOptions) {
  const { stdout, stderr, json, quiet } = options
  const paint = (code: number) => (text: string) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const isPlain = stdout.isTTY !== true
  return {
    isJson: json !== false,
    isTerminal: !isPlain,
    bold: paint(1),
    dim: paint(2),
    red: paint(31),
    green: paint(32),
    yellow: paint(33),
    /** A word of the status vocabulary in its colour. */
    state: (word: string) => paint(colorOf(word))(word),
    /** One answer: as JSON when asked for, else in words; `id` is what --quiet prints. */
    result<T>(data: T, words: (data: T) => string, id?: (data: T) => string): void {
      if (json !== false) stdout.write(`${safeJson(pick(data, json))}\n`)
      else if (quiet && id) stdout.write(`${safeText(id(data), false)}\n`)
      else stdout.write(withNewline(safeText(words(data), options.color)))
    },
    /** The first column names the row: it is what --quiet prints. */
    table<T>(rows: readonly T[], columns: readonly Column<T>[], empty: string): void {
      if (json !== false) stdout.write(`${safeJson(rows.map((row) => pick(row, json)))}\n`)
      else if (quiet) stdout.write(safeText(tabbed(rows, columns.slice(0, 1)), false))
      else if (rows.length === 0) stderr.write(withNewline(safeText(empty, false)))
      else stdout.write(safeText(isPlain ? tabbed(rows, columns) : aligned(rows, columns, paint(1)), options.color))
    },
    line(text: string): void {
      stdout.write(withNewline(safeText(text, options.color)))
    },
    note(text: string): void {
      if (!quiet) stderr.write(withNewline(safeText(text, options.color)))
    },
    problem(text: string): void {
      stderr.write(withNewline(safeText(text, options.color)))
    },
  }
}

function pick(data: unknown, fields: boolean | readonly string[]): unknown {
  if (typeof fields === 'boolean' || typeof data !== 'object' || data === null) return data
  const known = Object.keys(data)
  // A field may be absent now and there another time; that none of them is there is a mistake.
  if (!fields.some((field) => known.includes(field)))
    throw new PlatformError('USAGE', `there is no field ${fields.join(', ')}`, { hint: `one of ${known.join(', ')}` })
  return Object.fromEntries(fields.map((field) => [field, (data as Record<string, unknown>)[field]]))
}

function tabbed<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  return rows.map((row) => `${columns.map(({ cell }) => cell(row).replace(/\s+/g, ' ')).join('\t')}\n`).join('')
}

function aligned<T>(rows: readonly T[], columns: readonly Column<T>[], head: (text: string) => string): string {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)))
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => stripVTControlCharacters(row[index] ?? '').length)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((text, index) =>
        index === row.length - 1
          ? text
          : text + ' '.repeat((widths[index] ?? 0) - stripVTControlCharacters(text).length),
      )
      .join('  ')
  return `${head(line(columns.map(({ title }) => title)))}\n${cells.map((row) => `${line(row)}\n`).join('')}`
}

function colorOf(word: string): number {
  if (/^(healthy|succeeded|success|synced|merged|ok|allowed)$/.test(word)) return 32
  if (/^(degraded|failed|failure|rejected|denied|problem)$/.test(word)) return 31
  if (/^(waiting|progressing|running|queued|drifted|unknown|pending|missing|open)$/.test(word)) return 33
  return 2
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

/** `3 min ago` for people; the instant itself for pipes. */
export function age(instant: string | undefined, terminal: boolean): string {
  if (!instant) return '-'
  if (!terminal) return instant
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(instant)) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`
}
