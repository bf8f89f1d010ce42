import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { PlatformError } from '#errors/platform-error.ts'
import type { CompiledBundle, PolicySource } from '#ports/policy.ts'
import { dataOf, policiesOf, sourcesDigest } from './bundle.ts'
import { compilerMissing } from './find-opa.ts'
import { fileInTar } from './file-in-tar.ts'

/** The product's own list of built-ins: never taken from the sources, which could widen it (T78). */
const capabilities = fileURLToPath(new URL('../../../../policies/capabilities.json', import.meta.url))
const entrypoint = 'fairway/verdict'
const limitMs = 30_000

/** Checks, tests and compiles rules in a folder of their own, without network or environment. POLICY_INVALID names file and line. */
export async function compileBundle(
  sources: readonly PolicySource[],
  { opa, signal }: { opa: string | undefined; signal?: AbortSignal | undefined },
): Promise<CompiledBundle> {
  const policies = policiesOf(sources)
  for (const { path } of sources) checkPath(path)
  if (!opa) throw compilerMissing()
  const folder = await mkdtemp(join(tmpdir(), 'fairway-policy-'))
  try {
    const run = runner({ opa, folder, signal: signal ?? new AbortController().signal, until: Date.now() + limitMs })
    await writeSources(join(folder, 'rules'), sources)
    await writeFile(join(folder, 'rules', 'data.json'), JSON.stringify(dataOf(policies)))
    await run('check', '--strict', '--capabilities', capabilities, 'rules')
    await run('test', '--fail-on-empty', '--timeout', '10s', '--capabilities', capabilities, 'rules')
    const target = ['-t', 'wasm', '-e', entrypoint, '-o', 'bundle.tar.gz']
    await run('build', ...target, '--capabilities', capabilities, '--ignore', '*_test.rego', 'rules')
    const wasm = fileInTar(gunzipSync(await readFile(join(folder, 'bundle.tar.gz'))), '/policy.wasm')
    if (!wasm) throw new PlatformError('POLICY_INVALID', 'opa built a bundle without WebAssembly.')
    return { digest: sourcesDigest(sources), policies, wasm, data: dataOf(policies) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Run {
  readonly opa: string
  readonly folder: string
  readonly signal: AbortSignal
  readonly until: number
}

function runner({ opa, folder, signal, until }: Run) {
  return (...args: string[]) =>
    new Promise<void>((resolve, reject) => {
      const timeout = Math.max(1, until - Date.now())
      const options = { cwd: folder, env: { GOMEMLIMIT: '512MiB' }, timeout, signal, killSignal: 'SIGKILL' as const }
      execFile(opa, args, { ...options, maxBuffer: 1_000_000 }, (error, stdout, stderr) => {
        if (!error) resolve()
        else if (signal.aborted) reject(signal.reason)
        else reject(complaint(error, `${stderr}\n${stdout}`, folder))
      })
    })
}

// opa's words are the best there are: only our temporary folder is taken out of them.
function complaint(error: Error & { killed?: boolean; code?: unknown }, output: string, folder: string): PlatformError {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return compilerMissing()
  if (error.killed) {
    return new PlatformError(
      'POLICY_INVALID',
      `The rules took longer than ${limitMs / 1000} s to check, test and build.`,
    )
  }
  const words = output.replaceAll(`${folder}/`, '').replaceAll('rules/', '').trim()
  // `path:line: what` of a check, or `path:line:` with the failing test on the next line.
  const errors = [...words.matchAll(/^(?:\d+ errors? occurred: )?(\S+\.rego:\d+):\s+(.+)$/gm)].map(
    ([, path = '', message = '']) => ({ path, message }),
  )
  const [first = 'opa gave no reason'] = errors.map(({ path, message }) => `${path}: ${message}`)
  return new PlatformError('POLICY_INVALID', first, { errors, cause: new Error(words.slice(0, 10_000)) })
}

async function writeSources(root: string, sources: readonly PolicySource[]): Promise<void> {
  // opa would read policy.yaml as data; what it may say of a policy is in data.json.
  for (const { path, text } of sources.filter((source) => source.path.endsWith('.rego'))) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

// A data file would be read as `data`, and a path could lead out of the folder.
function checkPath(path: string): void {
  if (/^[a-z0-9][a-z0-9-]*\/([a-z0-9_-]+\.rego|policy\.yaml)$/.test(path)) return
  throw new PlatformError(
    'POLICY_INVALID',
    `${path}: only <policy>/*.rego, <policy>/policy.yaml and lib/*.rego are read.`,
  )
}
