import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'
import { globalSetup, globalTeardown } from '../testing/global-setup.ts'
import { labOf, proofNames } from './prove.ts'
import { type Outcome, report } from './test-report.ts'

const root = join(import.meta.dirname, '..')

/**
 * Everything that needs no extra engine: test files, then each proof at its small size; what needs the lab is named. The last line is the count.
 * Arguments are parts of paths; `--file` names one file of any place.
 */
async function main(argv: readonly string[]): Promise<void> {
  const { positionals: wanted, values } = parseArgs({
    args: [...argv],
    options: { file: { type: 'string', multiple: true } },
    allowPositionals: true,
  })
  const isWanted = (path: string) => wanted.length === 0 || wanted.some((part) => path.includes(inside(part)))
  const files =
    values.file ??
    globSync('{src,testing,test,tools,bench,lab,deploy}/**/*.test.ts', { cwd: root })
      .filter((file) => isWanted(file) && !needsLab(file))
      .sort()
  const proofs = values.file ? [] : proofNames().filter((name) => isWanted(`test/proofs/${name}.ts`))
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort())
  await globalSetup()
  const total: Outcome = { passed: 0, failed: 0, skipped: 0 }
  try {
    if (files.length > 0) add(total, await runTwice(files, interrupt.signal))
    for (const name of proofs) if (!interrupt.signal.aborted) add(total, await runProof(name))
  } finally {
    await globalTeardown()
  }
  if (total.failed > 0 || total.passed === 0 || interrupt.signal.aborted) process.exitCode = 1
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`)
}

// What runs against the real engines is `npm run lab -- matrix`.
const needsLab = (file: string): boolean => file.endsWith('.lab.test.ts')

// Both `npm test -- src/store` and a path completed by the shell from another folder mean the same.
function inside(part: string): string {
  const path = relative(root, resolve(part))
  return path.startsWith('..') || path === '' ? part : path
}

/**
 * In CI a file that failed is run once more, alone: a busy machine is no reason to refuse a change. Both runs are shown,
 * and what only passed the second time is named: it is a fault to be mended.
 */
async function runTwice(files: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const first = await runFiles(files, { signal, concurrency: availableParallelism() })
  const failed = [...first.failedFiles]
  if (!process.env['CI'] || failed.length === 0 || failed.length > 5 || signal.aborted) return first
  console.log(`\nonce more, alone: ${failed.join(', ')}`)
  const second = await runFiles(failed, { signal, concurrency: 1 })
  const unsteady = failed.filter((file) => !second.failedFiles.has(file))
  for (const file of unsteady) console.log(`! ${file} failed beside others and passed alone`)
  return { ...first, passed: first.passed + first.failed - second.failed, failed: second.failed }
}

function runFiles(files: readonly string[], { signal, concurrency }: { signal: AbortSignal; concurrency: number }) {
  const stream = run({ files: files.map((file) => resolve(root, file)), concurrency, timeout: 600_000, signal })
  return report(stream, root)
}

async function runProof(name: string): Promise<Outcome> {
  const engine = await labOf(name)
  if (engine !== undefined) {
    console.log(`- proof ${name} not run: it needs the lab's ${engine} (npm run lab -- matrix)`)
    return { passed: 0, failed: 0, skipped: 1 }
  }
  const child = spawn(process.execPath, [join(root, 'tools/prove.ts'), name, '--small'], {
    cwd: root,
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'close')) as [number | null]
  console.log(`${code === 0 ? '✔' : '✖'} proof ${name}`)
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
}

function add(total: Outcome, { passed, failed, skipped }: Outcome): void {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

await main(process.argv.slice(2))
