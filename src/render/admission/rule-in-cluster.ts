import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { Policy } from '#model/verdict.ts'

interface Source {
  readonly path: string
  readonly text: string
}

/** A rule as a cluster's admission runs it: its own text beside the words it is asked in. */
export interface RuleInCluster {
  readonly policy: Policy
  /** Name of the kind that this rule is in the cluster. */
  readonly kind: string
  readonly rego: string
  /** The rule's text and what it imports, each a package below `lib`. */
  readonly libs: readonly string[]
}

const shim = readFileSync(new URL('shim.rego', import.meta.url), 'utf8')

/** The rules of these sources that are asked at admission in an environment, by name. POLICY_INVALID where a text cannot be taken along. */
export function rulesAtAdmission(sources: readonly Source[], environment: string): RuleInCluster[] {
  const rules = sources
    .filter(({ path }) => posix.basename(path) === 'policy.yaml')
    .map(({ path, text }) => Policy.parse(readYaml(text, { code: 'POLICY_INVALID', file: path })[0]?.value))
    .filter(({ spec }) => spec.gates.includes('admission'))
    .filter(({ spec }) => spec.environments.length === 0 || spec.environments.includes(environment))
    .map((policy) => inCluster(policy, { sources, environment }))
    .toSorted((a, b) => (a.policy.metadata.name < b.policy.metadata.name ? -1 : 1))
  for (const [index, { kind, policy }] of rules.entries())
    if (rules.findIndex((other) => other.kind.toLowerCase() === kind.toLowerCase()) !== index)
      throw invalid(policy.metadata.name, `another rule is called ${kind} in a cluster, too`)
  return rules
}

function inCluster(
  policy: Policy,
  { sources, environment }: { sources: readonly Source[]; environment: string },
): RuleInCluster {
  const { name } = policy.metadata
  const text = sources.find(({ path }) => path === `${name}/rule.rego`)?.text
  if (text === undefined) throw invalid(name, 'rule.rego is missing')
  const own = asLibrary(name, text)
  return { policy, kind: kindOf(name, environment), rego: shim, libs: [own, ...imported(name, own, sources)] }
}

/** The same text under the name that the shim imports. What it says of other rules could not be taken along. */
function asLibrary(name: string, text: string): string {
  const header = /^package\s+fairway\.rules(?:\["[^"\n]+"\]|\.\w+)[ \t]*$/m
  if (!header.test(text)) throw invalid(name, `its first statement must be: package fairway.rules["${name}"]`)
  return onlyLibraries(name, text.replace(header, 'package lib.rule'))
}

function onlyLibraries(name: string, rego: string): string {
  if (!/\bdata\s*(\[|\.\s*(?!lib\.))/.test(withoutComments(rego))) return rego
  throw invalid(name, 'a rule that is asked at admission reads nothing of `data` but `data.lib`')
}

function imported(name: string, text: string, sources: readonly Source[]): string[] {
  const found = new Map<string, string>()
  const follow = (rego: string) => {
    for (const [, library = ''] of withoutComments(rego).matchAll(/\bdata\.lib\.(\w+)/g)) {
      if (found.has(library) || library === 'rule') continue
      const source = sources.find(({ path }) => path === `lib/${library}.rego`)
      if (!source) throw invalid(name, `lib/${library}.rego is missing`)
      found.set(library, onlyLibraries(name, source.text))
      follow(source.text)
    }
  }
  follow(text)
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rego]) => rego)
}

function withoutComments(rego: string): string {
  return rego.replaceAll(/^\s*#.*$/gm, '')
}

/** Each environment has kinds of its own: where several share a cluster, no object belongs to two folders. */
function kindOf(name: string, environment: string): string {
  const words = `fairway-${name}-${environment}`.split('-')
  const kind = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')
  if (kind.length <= longestKind) return kind
  throw invalid(name, `${kind} is too long a name for a kind of a cluster; ${longestKind} letters are the limit`)
}

const longestKind = 63

function invalid(rule: string, message: string): PlatformError {
  const path = `${rule}/rule.rego`
  return new PlatformError('POLICY_INVALID', `${path}: ${message}.`, { errors: [{ path, message }] })
}
