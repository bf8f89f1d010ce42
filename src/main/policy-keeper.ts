import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleFromFolder, dataOf, policiesOf, sourcesDigest } from '#adapters/policy/local/bundle.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import { digestOf } from '#lib/digest.ts'
import type { CompiledBundle, Policy, PolicySource } from '#ports/policy.ts'

const shipped = join(import.meta.dirname, '../../policies')

export interface PolicyKeeper {
  readonly policy: Policy & { close(): Promise<void> }
  /** Puts the rules of these sources in force: the shipped bundle when it is theirs, one compiled before, or a new one. */
  follow(sources: readonly PolicySource[]): Promise<void>
}

/** The rules in force are always those of the platform repository; compiled bundles are kept by the digest of their sources. */
export async function policyKeeper(folder: string): Promise<PolicyKeeper> {
  const policy = await localPolicy({ bundle: await bundleFromFolder(shipped) })
  return {
    policy,
    async follow(sources) {
      const digest = sourcesDigest(sources)
      if (digest === policy.bundle().digest) return
      const known = (await shippedBundle(digest)) ?? (await keptBundle(folder, { digest, sources }))
      const compiled = known ?? (await policy.compile(sources))
      if (!known) await keep(folder, compiled)
      await policy.use(compiled)
    },
  }
}

async function shippedBundle(digest: string): Promise<CompiledBundle | undefined> {
  const bundle = await bundleFromFolder(shipped)
  return bundle.digest === digest ? bundle : undefined
}

async function keptBundle(
  folder: string,
  { digest, sources }: { digest: string; sources: readonly PolicySource[] },
): Promise<CompiledBundle | undefined> {
  const file = fileOf(folder, digest)
  const [wasm, recorded] = await Promise.all([
    readFile(file).catch(() => undefined),
    readFile(`${file}.sha256`, 'utf8').catch(() => undefined),
  ])
  if (!wasm || digestOf(wasm) !== recorded) return undefined // absent, half written or changed: compile again
  const policies = policiesOf(sources)
  return { digest, policies, wasm, data: dataOf(policies) }
}

async function keep(folder: string, compiled: CompiledBundle): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = fileOf(folder, compiled.digest)
  await writeFile(`${file}.sha256`, digestOf(compiled.wasm), { mode: 0o600 })
  await writeFile(`${file}.new`, compiled.wasm, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

function fileOf(folder: string, digest: string): string {
  return join(folder, `${digest.replace(/^sha256:/, '')}.wasm`)
}
