import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckedFile, root, type Violation } from './checkout.ts'

const threats = 89
const faults = 35

/** Every threat and fault stands once in docs/security.md, beside surfaces (S) of our own, and what it says of tests is true. */
export function securityTable(files: readonly CheckedFile[]): Violation[] {
  return files.flatMap((file) => {
    const rows = rowsOf(file)
    return [...missingRows(file, rows), ...rows.flatMap((row) => faultsOf(file, row))]
  })
}

interface Row {
  readonly line: number
  readonly id: string
  readonly must: string
  readonly state: string
  readonly shown: string
  readonly cells: number
}

function rowsOf({ text }: CheckedFile): Row[] {
  return text.split('\n').flatMap((words, index) => {
    if (!/^\| [TFS]\d+ /.test(words)) return []
    const cells = words.split('|').map((cell) => cell.trim())
    const [, id = '', must = '', state = '', shown = ''] = cells
    return [{ line: index + 1, id, must, state, shown, cells: cells.length }]
  })
}

function missingRows({ path }: CheckedFile, rows: readonly Row[]): Violation[] {
  const wanted = [...numbered('T', threats), ...numbered('F', faults)]
  const found = rows.map(({ id }) => id)
  const missing = wanted.filter((id) => !found.includes(id)).map((id) => ({ path, message: `has no row ${id}` }))
  const wrong = rows.filter(
    ({ id }, index) => !(wanted.includes(id) || id.startsWith('S')) || found.indexOf(id) !== index,
  )
  return [...missing, ...wrong.map(({ id, line }) => ({ path, line, message: `${id} is unknown or there twice` }))]
}

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`)
}

function faultsOf({ path }: CheckedFile, { line, id, must, state, shown, cells }: Row): Violation[] {
  const wrong = (message: string) => [{ path, line, message: `${id} ${message}` }]
  if (cells !== 6) return wrong('has not four cells')
  if (must.length < 15) return wrong('does not say what must hold')
  if (state === 'n/a' || state === 'open') return shown.length < 20 ? wrong('gives no reason') : []
  if (state !== 'test') return wrong('is neither test, n/a nor open')
  return shown.split('<br>').flatMap((test) => (isReal(test) ? [] : wrong(`names a test that is not there: ${test}`)))
}

/** `path: title` of a test as it stands in the file, or `proof name`. */
function isReal(test: string): boolean {
  const proof = /^proof ([a-z-]+)$/.exec(test)?.[1]
  if (proof) return textOf(`test/proofs/${proof}.ts`).includes('export async function prove(')
  const [, path = '', title = ''] = /^([\w./-]+\.tsx?): (.{10,})$/.exec(test) ?? []
  const text = textOf(path)
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`))
}

function textOf(path: string): string {
  const whole = join(root, path)
  return path !== '' && existsSync(whole) ? readFileSync(whole, 'utf8') : ''
}
