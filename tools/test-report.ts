import { relative } from 'node:path'
import type { run } from 'node:test'
import { inspect } from 'node:util'

export interface Outcome {
  passed: number
  failed: number
  skipped: number
}

interface Leaf {
  readonly name: string
  readonly file: string
  readonly error?: unknown
  readonly skipped?: string
}

/** Prints one line per file, then every failure in full and every skipped test with its reason. */
export async function report(
  stream: ReturnType<typeof run>,
  root: string,
): Promise<Outcome & { readonly failedFiles: ReadonlySet<string> }> {
  const failures: Leaf[] = []
  const skips: Leaf[] = []
  const output = new Map<string, string>()
  const outcome: Outcome = { passed: 0, failed: 0, skipped: 0 }
  const place = (file: string | undefined) => (file === undefined ? '?' : relative(root, file))
  for await (const { type, data } of stream as AsyncIterable<TestEvent>) {
    const file = place(data.file)
    if (type === 'test:stdout' || type === 'test:stderr') output.set(file, `${output.get(file) ?? ''}${data.message}`)
    if (type === 'test:fail' && !isEcho(data))
      failures.push({ name: data.name ?? '', file, error: data.details?.error })
    if (type === 'test:pass' && data.skip !== undefined)
      skips.push({ name: data.name ?? '', file, skipped: String(data.skip) })
    if (type !== 'test:summary' || !data.counts) continue
    const { passed, failed, cancelled, skipped, todo } = data.counts
    if (data.file === undefined) Object.assign(outcome, { passed, failed: failed + cancelled, skipped: skipped + todo })
    else console.log(fileLine(file, data))
  }
  for (const { name, file, skipped } of skips)
    console.log(`- ${file}: ${name}${skipped === 'true' ? '' : ` (${skipped})`}`)
  for (const failure of failures) console.log(`\n✖ ${failure.file}: ${failure.name}\n${indent(wordsOf(failure.error))}`)
  const failedFiles = new Set(failures.map((failure) => failure.file))
  for (const file of failedFiles) {
    const words = output.get(file)?.trim()
    if (words) console.log(`\noutput of ${file}\n${indent(words.slice(-8_000))}`)
  }
  return { ...outcome, failedFiles }
}

interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly file?: string
    readonly message?: string
    readonly skip?: boolean | string
    readonly details?: { readonly error?: unknown }
    readonly duration_ms?: number
    readonly counts?: { passed: number; failed: number; cancelled: number; skipped: number; todo: number }
  }
}

function fileLine(file: string, { counts, duration_ms = 0 }: TestEvent['data']): string {
  const { passed = 0, failed = 0, cancelled = 0, skipped = 0 } = counts ?? {}
  const bad = failed + cancelled
  const parts = [`${passed} passed`, ...(bad ? [`${bad} failed`] : []), ...(skipped ? [`${skipped} skipped`] : [])]
  return `${bad ? '✖' : '✔'} ${file}  ${parts.join(', ')}  ${(duration_ms / 1000).toFixed(1)} s`
}

// A parent fails because a test inside it failed; that one is reported itself.
function isEcho({ details }: TestEvent['data']): boolean {
  return (details?.error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed'
}

function wordsOf(error: unknown): string {
  const cause = (error as { cause?: unknown } | undefined)?.cause ?? error
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 6 })
}

function indent(words: string): string {
  return words.replace(/^/gm, '    ')
}
