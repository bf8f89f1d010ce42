import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { digestOf } from '#lib/digest.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { Digest } from '#model/names.ts'
import { Policy } from '#model/verdict.ts'
import type { CompiledBundle, PolicySource } from '#ports/policy.ts'

/** `policies/bundle.json`: what the committed WebAssembly was made from. */
export const BundleFile = z.strictObject({
  digest: Digest,
  wasmDigest: Digest,
  opa: z.string(),
  policies: z.array(Policy),
})
export type BundleFile = z.infer<typeof BundleFile>

/** The bundle in a folder, as the product ships it. Refuses WebAssembly that is not the one bundle.json speaks of (T77). */
export async function bundleFromFolder(folder: string): Promise<CompiledBundle> {
  const [wasm, text] = await Promise.all([
    readFile(join(folder, 'bundle.wasm')),
    readFile(join(folder, 'bundle.json'), 'utf8'),
  ])
  const { digest, wasmDigest, policies } = BundleFile.parse(JSON.parse(text))
  if (digestOf(wasm) !== wasmDigest) {
    throw new PlatformError('POLICY_INVALID', `bundle.wasm in ${folder} is not the one that bundle.json describes.`, {
      hint: 'run `npm run generate` where opa is installed, or restore the file from Git',
    })
  }
  return { digest, policies, wasm, data: dataOf(policies) }
}

/** All sources below a policies folder, sorted by path; what is generated and what is not a rule stays out. */
export async function readSources(folder: string): Promise<PolicySource[]> {
  const names = await readdir(folder, { recursive: true })
  const paths = names.map((name) => name.split('\\').join('/')).filter(isSource)
  return Promise.all(paths.toSorted().map(async (path) => ({ path, text: await readFile(join(folder, path), 'utf8') })))
}

/** Digest over rules and policy.yaml files: tests and examples may change without changing what is in force. */
export function sourcesDigest(sources: readonly PolicySource[]): string {
  const inForce = sources.filter(({ path }) => isSource(path) && !path.endsWith('_test.rego'))
  const sorted = inForce.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return digestOf(JSON.stringify(sorted.map(({ path, text }) => [path, text])))
}

/** The policies of a set of sources, by name. POLICY_INVALID names the file and field of the first fault. */
export function policiesOf(sources: readonly PolicySource[]): Policy[] {
  const paths = new Set(sources.map(({ path }) => path))
  const policies = sources
    .filter(({ path }) => posix.basename(path) === 'policy.yaml')
    .map((source) => policyOf(source, paths))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const known = new Set(policies.map(({ metadata }) => `${metadata.name}/rule.rego`))
  const orphan = [...paths].find((path) => posix.basename(path) === 'rule.rego' && !known.has(path))
  if (orphan) throw invalid(orphan, 'a rule without policy.yaml beside it would never be asked')
  if (policies.length === 0) throw invalid('policies/', 'there is no policy')
  return policies
}

/** What the rules read as `data`: the policy.yaml of each, by name. */
export function dataOf(policies: readonly Policy[]): unknown {
  const entries = policies.map(({ metadata, spec }) => [metadata.name, { title: metadata.title, ...spec }])
  return { fairway: { policies: Object.fromEntries(entries) } }
}

function policyOf({ path, text }: PolicySource, paths: ReadonlySet<string>): Policy {
  const folder = posix.dirname(path)
  const parsed = Policy.safeParse(parseYaml(path, text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(path, `${issue?.path.join('.')}: ${issue?.message}`)
  }
  if (parsed.data.metadata.name !== folder) throw invalid(path, `metadata.name must be ${folder}, as its folder`)
  for (const name of ['rule.rego', 'rule_test.rego']) {
    if (!paths.has(`${folder}/${name}`)) throw invalid(path, `${name} is missing beside it`)
  }
  return parsed.data
}

function parseYaml(path: string, text: string): unknown {
  try {
    return readYaml(text, { code: 'POLICY_INVALID', file: path })[0]?.value
  } catch (cause) {
    throw new PlatformError('POLICY_INVALID', `${path}: this is not YAML.`, { cause })
  }
}

function isSource(path: string): boolean {
  return path.endsWith('.rego') || posix.basename(path) === 'policy.yaml'
}

function invalid(path: string, message: string): PlatformError {
  return new PlatformError('POLICY_INVALID', `${path}: ${message}.`, { errors: [{ path, message }] })
}
