import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BundleFile, readSources } from '#adapters/policy/local/bundle.ts'
import { compileBundle } from '#adapters/policy/local/compile.ts'
import { findOpa, opaHint } from '#adapters/policy/local/find-opa.ts'
import { digestOf } from '#lib/digest.ts'

/** `policies/bundle.wasm` and `bundle.json`: the rules that ship, compiled, so that a fresh machine has every gate. */
export async function policyBundle(folder: string): Promise<{ wasm: Uint8Array; file: BundleFile } | undefined> {
  const opa = await findOpa()
  if (!opa) return undefined
  const { wasm, digest, policies } = await compileBundle(await readSources(folder), { opa })
  return { wasm, file: { digest, wasmDigest: digestOf(wasm), opa: await versionOf(opa), policies: [...policies] } }
}

async function versionOf(opa: string): Promise<string> {
  const { stdout } = await promisify(execFile)(opa, ['version'], { env: {} })
  return /^Version: (\S+)$/m.exec(stdout)?.[1] ?? 'unknown'
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '..', '..', 'policies')
  const made = await policyBundle(folder)
  if (!made) {
    console.error(`policies/bundle.wasm stays as it is: opa is not installed (${opaHint}).`)
  } else {
    await writeFile(join(folder, 'bundle.wasm'), made.wasm)
    await writeFile(join(folder, 'bundle.json'), `${JSON.stringify(made.file, null, 2)}\n`)
    console.log(`policies/bundle.wasm: ${made.file.policies.length} policies, ${made.wasm.length} bytes`)
  }
}
