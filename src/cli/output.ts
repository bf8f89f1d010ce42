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
      else
        stdout.write(
          safeText(
            isPlain ? tabbed(rows, columns) : aligned(rows, columns, { head: paint(1), width: options.width }),
            options.color,
          ),
        )
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

/** A field that this answer lacks is left out: what the command may answer was checked before it began. */
function pick(data: unknown, fields: boolean | readonly string[]): unknown {
  if (typeof fields === 'boolean' || typeof data !== 'object' || data === null) return data
  return Object.fromEntries(fields.map((field) => [field, (data as Record<string, unknown>)[field]]))
}

function tabbed<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  return rows.map((row) => `${columns.map(({ cell }) => cell(row).replace(/\s+/g, ' ')).join('\t')}\n`).join('')
}

interface Look {
  readonly head: (text: string) => string
  /** Columns of the terminal. */
  readonly width: number
}

function aligned<T>(rows: readonly T[], columns: readonly Column<T>[], { head, width }: Look): string {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row).replace(/\s*\n\s*/g, ' ')))
  const titles = columns.map(({ title }) => title)
  const natural = columns.map((_, index) => Math.max(...[titles, ...cells].map((row) => lengthOf(row[index] ?? ''))))
  const widths = fitted(natural, width)
  const line = (row: readonly string[]) =>
    row
      .map((text, index) => padded(shortened(text, widths[index] ?? 0), widths[index] ?? 0))
      .join(gap)
      .trimEnd()
  return [head(line(titles)), ...cells.map(line)].map((text) => `${text}\n`).join('')
}

const gap = '  '
/** A column is not made narrower than this: less says nothing. */
const narrowest = 12

/** Takes from the widest column, then from the next, until the line fits; never from the first, which names the row. */
function fitted(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, one) => sum + one + gap.length, -gap.length) - width
  while (over > 0) {
    const widest = Math.max(...widths.slice(1))
    if (widest <= narrowest) break
    widths[widths.indexOf(widest, 1)] = widest - 1
    over--
  }
  return widths
}

/** Colours have no length; wide characters are counted as one, which at worst ends a line early. */
function lengthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)))
}

/** What is cut loses its colour, which could otherwise go on. */
function shortened(text: string, width: number): string {
  return lengthOf(text) <= width
    ? text
    : `${Array.from(stripVTControlCharacters(text))
        .slice(0, width - 1)
        .join('')}…`
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
