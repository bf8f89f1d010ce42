import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { parse } from 'yaml'
import { bundleFromFolder } from '#adapters/policy/local/bundle.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import { renderManifests } from '#render/score/render-manifests.ts'
import { examples, environments, manifestsOf } from '../../testing/golden-paths.ts'
import { goldenWorkload } from '../../testing/golden-workload.ts'
import { renderTemplateHere } from '#render/template/render-template.ts'

const folder = join(fileURLToPath(new URL('../..', import.meta.url)), 'policies')
// A busy machine makes verdicts late; lateness is not what is tested here.
const policy = await localPolicy({ bundle: await bundleFromFolder(folder), deadlineMs: 2_000, workers: 1 })
after(() => policy.close())

type Json = Record<string, unknown>
type Path = readonly (string | number)[]

const pod = ['spec', 'template', 'spec'] as const
const container = [...pod, 'containers', 0] as const
const anything = fc.jsonValue({ maxDepth: 2 })
const not = (isFine: (value: unknown) => boolean) => anything.filter((value) => !isFine(value))
const amount = not((value) => typeof value === 'number' || (typeof value === 'string' && /^\d/.test(value)))

/** One field of the Deployment, the values that make it bad, and the one rule that must say so. */
const mutations: readonly [rule: string, path: Path, bad: fc.Arbitrary<unknown>][] = [
  ['required-labels', ['metadata', 'labels', 'app.kubernetes.io/name'], not((v) => typeof v === 'string' && v !== '')],
  ['required-labels', ['metadata', 'labels', 'fairway.dev/owner'], not((v) => v === 'team-a')],
  ['approved-image', [...container, 'image'], anything],
  ['workload-security', [...pod, 'hostNetwork'], not((v) => v === false || v === null)],
  ['workload-security', [...pod, 'hostPID'], not((v) => v === false || v === null)],
  ['workload-security', [...pod, 'hostIPC'], not((v) => v === false || v === null)],
  ['workload-security', [...pod, 'volumes', 0, 'hostPath'], not((v) => v === null)],
  ['workload-security', [...pod, 'securityContext', 'runAsNonRoot'], not((v) => v === true)],
  ['workload-security', [...pod, 'securityContext', 'runAsUser'], fc.constantFrom(0, -0, 0.0)],
  ['workload-security', [...container, 'securityContext', 'privileged'], not((v) => v === false || v === null)],
  ['workload-security', [...container, 'securityContext', 'allowPrivilegeEscalation'], not((v) => v === false)],
  ['workload-security', [...container, 'securityContext', 'readOnlyRootFilesystem'], not((v) => v === true)],
  ['workload-security', [...container, 'securityContext', 'runAsNonRoot'], not((v) => v === true || v === null)],
  ['workload-security', [...container, 'securityContext', 'capabilities', 'drop'], anything],
  ['workload-security', [...container, 'ports', 0, 'hostPort'], not((v) => v === 0 || v === null)],
  ['limits-and-probes', [...container, 'resources', 'requests', 'cpu'], amount],
  ['limits-and-probes', [...container, 'resources', 'limits', 'memory'], amount],
  ['limits-and-probes', [...container, 'readinessProbe'], anything],
  ['limits-and-probes', [...container, 'livenessProbe'], anything],
  ['production-replicas', ['spec', 'replicas'], not((v) => typeof v === 'number' && v >= 2)],
  ['allowed-kinds', ['metadata', 'namespace'], anything],
  ['allowed-kinds', ['apiVersion'], fc.string()],
]

test('every golden path passes every rule in every environment, at the form and in the change', async () => {
  for (const { template, answers } of examples()) {
    const tree = renderTemplateHere({ files: template, answers, facts: { commit: 'a'.repeat(40) } })
    const rendered = manifestsOf(tree, answers)
    for (const environment of environments()) {
      const { name } = environment.metadata
      const files = rendered.filter(({ path }) => path.startsWith(`${name}/`) && !path.endsWith('kustomization.yaml'))
      if (files.length === 0) continue
      const owner = String(answers['owner']).replace(/^group:(default\/)?/, '')
      const input = {
        ...about(owner, name),
        form: { name: 'shop', owner },
        objects: files.map((f) => parse(f.content)),
      }
      const { findings } = await policy.evaluate({ gate: 'form', environment: name, input })
      assert.deepEqual(findings, [])
    }
  }
})

test('the renderer’s workload with everything in it passes every rule in production', async () => {
  const verdict = await policy.evaluate(productionChange(goldenObjects()))

  assert.deepEqual(verdict.findings, [])
  assert.equal(verdict.policies.length, 6)
})

for (const [rule, path, bad] of mutations) {
  test(`a bad value at ${path.join('.')} is the matter of ${rule} alone`, async () => {
    await fc.assert(
      fc.asyncProperty(bad, async (value) => {
        const { allowed, findings } = await policy.evaluate(productionChange(mutated(path, value)))
        assert.equal(allowed, false)
        assert.deepEqual([...new Set(findings.map(({ policy: name }) => name))], [rule])
      }),
      { numRuns: 40 },
    )
  })
}

test('whatever stands anywhere in the Deployment, what is allowed is safe', async () => {
  const paths = pathsOf(deploymentIn(goldenObjects()))

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(anything, fc.constant(undefined)), async (path, value) => {
      const objects = mutated(path, value)
      const { allowed } = await policy.evaluate(productionChange(objects))
      if (allowed) assert.ok(isSafe(deploymentIn(objects)), path.join('.'))
    }),
    { numRuns: 400 },
  )
})

/** The renderer's workload; its second container has no probes, which the rules do not take. */
function goldenObjects(): Json[] {
  const { score, ...rest } = goldenWorkload()
  const probe = { httpGet: { path: '/healthz', port: 8080 } }
  const probed = Object.entries(score.containers).map(
    ([name, spec]) => [name, { readinessProbe: probe, livenessProbe: probe, ...spec }] as const,
  )
  const request = { ...rest, score: { ...score, containers: Object.fromEntries(probed) } }
  const files = renderManifests(request).filter(({ path }) => path !== 'kustomization.yaml')
  return files.map(({ content }) => parse(content) as Json)
}

function deploymentIn(objects: readonly Json[]): Json {
  const found = objects.find((object) => Object.hasOwn(object, 'spec') && JSON.stringify(object).includes('containers'))
  return found ?? {}
}

/** The golden objects with one field of the Deployment set, or taken out. */
function mutated(path: Path, value: unknown): Json[] {
  const objects = goldenObjects()
  let at = objects.find(({ kind }) => kind === 'Deployment') as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) {
    at[key] ??= {}
    at = at[key] as Record<string | number, unknown>
  }
  const last = path.at(-1) ?? ''
  if (value === undefined) delete at[last]
  else at[last] = value
  return objects
}

function pathsOf(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [above]
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  const below = keys.flatMap((key) => pathsOf((value as Json)[key], [...above, key]))
  return above.length > 0 ? [above, ...below] : below
}

/** The same demands told once more, in another language and from the pod's side. */
function isSafe(deployment: Json): boolean {
  const spec = get(deployment, pod) as Json | undefined
  const containers = get(spec, ['containers'])
  if (deployment['kind'] !== 'Deployment' || !Array.isArray(containers) || containers.length === 0) return false
  const initial = (get(spec, ['initContainers']) as unknown[] | undefined) ?? []
  const hostParts = ['hostNetwork', 'hostPID', 'hostIPC'].map((field) => get(spec, [field]) ?? false)
  return (
    Number(get(deployment, ['spec', 'replicas'])) >= 2 &&
    get(deployment, ['metadata', 'namespace']) === 'team-a-production' &&
    hostParts.every((part) => part === false) &&
    [...containers, ...initial].every((one) => isSafeContainer(one, get(spec, ['securityContext'])))
  )
}

function isSafeContainer(one: unknown, ofPod: unknown): boolean {
  const own = (field: string) => get(one, ['securityContext', field])
  const either = (field: string) => own(field) ?? get(ofPod, [field])
  return (
    /^fairway\.local\/\S+@sha256:[0-9a-f]{64}$/.test(String(get(one, ['image']))) &&
    either('runAsNonRoot') === true &&
    either('runAsUser') !== 0 &&
    (own('privileged') ?? false) === false &&
    own('allowPrivilegeEscalation') === false &&
    own('readOnlyRootFilesystem') === true &&
    JSON.stringify(get(one, ['securityContext', 'capabilities', 'drop']) ?? '').includes('"ALL"')
  )
}

function get(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key as string], value)
}

function about(team: string, environment: string) {
  const registries = environments().find(({ metadata }) => metadata.name === environment)?.spec.registries
  return { environment: { name: environment, registries }, team, teams: [team, 'team-b'] }
}

function productionChange(objects: readonly Json[]) {
  return {
    gate: 'change',
    environment: 'production',
    input: { ...about('team-a', 'production'), objects },
  } as const
}
