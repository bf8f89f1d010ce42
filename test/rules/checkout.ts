import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A file as rules see it: planted violations are data of the same shape. */
export interface CheckedFile {
  /** From the root of the checkout, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Where a rule is broken, in words that say what to do. */
export interface Violation {
  readonly path: string
  readonly line?: number
  readonly message: string
}

export const root = join(import.meta.dirname, '../..')

/** Generated files are checked for freshness, not for style. */
export const generated =
  /^(src\/client\/schema\.ts|docs\/reference\/|testing\/kubernetes\/|policies\/bundle\.|portal\/dist\/)/

/** Every file that is or could be committed, of text that people write or tools check. */
export function readCheckout(pattern: RegExp): CheckedFile[] {
  const argv = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const paths = execFileSync('git', argv, { cwd: root, maxBuffer: 50_000_000 }).toString().split('\0')
  const wanted = [...new Set(paths)].filter((path) => pattern.test(path) && isFile(join(root, path)))
  return wanted.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Source code of the product, its tests and its tools; templates belong to the services made from them. */
export function readCode(): CheckedFile[] {
  return readCheckout(/^(?!templates\/|seed\/).*\.(ts|tsx|mjs|js)$/).filter(({ path }) => !generated.test(path))
}

export function parse({ path, text }: CheckedFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
}

/** One line per violation, for the message of an assertion. */
export function listed(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`} ${message}`)
}
