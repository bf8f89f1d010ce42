import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { components } from '../client/schema.ts'
import type { Output } from './output.ts'

type FileDiff = components['schemas']['FileDiff']

/** Changed files as unified diffs, made by git; what has no text says so. */
export function diffText(files: readonly FileDiff[], out: Output): string {
  if (files.length === 0) return 'no file differs'
  const folder = mkdtempSync(join(tmpdir(), 'fairway-diff-'))
  try {
    return files.map((file) => oneFile(folder, file, out)).join('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function oneFile(folder: string, file: FileDiff, out: Output): string {
  const head = out.bold(`${file.status} ${file.path}  +${file.additions} -${file.deletions}`)
  if (file.before === undefined && file.after === undefined) return `${head}\n  (no text to show)`
  writeFileSync(join(folder, 'before'), file.before ?? '')
  writeFileSync(join(folder, 'after'), file.after ?? '')
  const lines = unified(folder).split('\n').slice(4)
  const painted = lines.map((line) =>
    line.startsWith('+') ? out.green(line) : line.startsWith('-') ? out.red(line) : line,
  )
  return `${head}\n${painted.join('\n').trimEnd()}`
}

/** `git diff --no-index` ends with 1 when the files differ. */
function unified(folder: string): string {
  const argv = [
    'diff',
    '--no-index',
    '--no-color',
    '--no-ext-diff',
    '--',
    join(folder, 'before'),
    join(folder, 'after'),
  ]
  try {
    return execFileSync('git', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? ''
  }
}
