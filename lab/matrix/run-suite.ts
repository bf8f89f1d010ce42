import { relative } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import type { Row } from './row.ts'
import { filesOf, type Suite } from './suites.ts'

interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    /** Where the test is defined: a promise of a port stands in its contract. */
    readonly file?: string
    readonly skip?: boolean | string
    readonly details?: { readonly error?: { cause?: unknown; failureType?: string }; readonly type?: string }
  }
}

/** A suite's rows. `contract` tells promises of the port from the product's own. */
export interface SuiteRow extends Row {
  readonly contract: boolean
}

/** Runs a suite's files one after another: they share one engine. A file that says nothing at all is a failure. */
export async function runSuite(suite: Suite, root: string): Promise<readonly SuiteRow[]> {
  const { port, product } = suite
  const rows = new Map<string, SuiteRow>()
  const stream = run({ files: filesOf(suite, root), concurrency: 1, timeout: 1_200_000 })
  for await (const { type, data } of stream as unknown as AsyncIterable<TestEvent>) {
    if ((type !== 'test:pass' && type !== 'test:fail') || isGroup(data)) continue
    const contract = (data.file ?? '').endsWith('.contract.ts')
    // Of the embedded adapter only what is asked of every product.
    if (product === 'local' && !contract && type === 'test:pass') continue
    const promise = contract ? (data.name ?? '').replace(/^[^:]+: /, '') : (data.name ?? '')
    const row = { port, product, promise, contract }
    if (type === 'test:fail') rows.set(promise, { ...row, result: 'fail', reason: failureOf(data) })
    else if (data.skip !== undefined) rows.set(promise, { ...row, result: 'not-run', reason: skipOf(data.skip) })
    else if (!rows.has(promise)) rows.set(promise, { ...row, result: 'pass' })
  }
  if (rows.size > 0) return [...rows.values()]
  const reason = `no test ran in ${filesOf(suite, root)
    .map((file) => relative(root, file))
    .join(', ')}`
  return [{ port, product, promise: 'the suite runs', contract: false, result: 'fail', reason }]
}

// A group passes or fails by what is in it; one that was skipped whole stands for all of it.
const isGroup = ({ details, skip }: TestEvent['data']): boolean =>
  details?.error?.failureType === 'subtestsFailed' || (details?.type === 'suite' && skip === undefined)

const skipOf = (skip: boolean | string): string => (typeof skip === 'string' ? skip : 'skipped without a reason')

function failureOf({ details }: TestEvent['data']): string {
  const cause = details?.error?.cause ?? details?.error
  const words = cause instanceof Error ? cause.message : inspect(cause)
  return words.trim().split('\n').slice(0, 3).join(' ').slice(0, 300)
}
