import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { bundleFromFolder, readSources } from '#adapters/policy/local/bundle.ts'
import { findOpa, opaHint } from '#adapters/policy/local/find-opa.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import { environmentNamed } from '../../../testing/arbitrary-workload.ts'
import { goldenWorkload } from '../../../testing/golden-workload.ts'
import { renderManifests } from '../score/render-manifests.ts'
import { admissionQuestion } from '../../../testing/admission-question.ts'
import { ruleObjects } from './render-admission.ts'
import { rulesAtAdmission } from './rule-in-cluster.ts'

const folder = fileURLToPath(new URL('../../../policies', import.meta.url))
const rules = await readSources(folder)
const request = {
  environment: environmentNamed('production', 2),
  environments: ['dev', 'production'],
  teams: ['team-a', 'team-b'],
  rules,
}
const opa = await findOpa()

test('only rules that name the gate admission, and this environment, go to its cluster', () => {
  const names = (environment: string) => rulesAtAdmission(rules, environment).map(({ policy }) => policy.metadata.name)

  assert.deepEqual(names('dev'), ['approved-image', 'limits-and-probes', 'required-labels', 'workload-security'])
  assert.deepEqual(
    names('production').filter((name) => !names('dev').includes(name)),
    ['production-replicas'],
  )
})

test('a rule takes along the libraries it imports and those that they import, and no other', () => {
  const [image] = rulesAtAdmission(rules, 'dev')

  assert.deepEqual(
    image?.libs.map((text) => /^package (\S+)/m.exec(text)?.[1]),
    ['lib.rule', 'lib.image', 'lib.kubernetes'],
  )
})

test('a rule that reads what it could not take along is refused by name', () => {
  const given = (text: string) =>
    rules.map((source) => (source.path === 'approved-image/rule.rego' ? { ...source, text } : source))
  const header = 'package fairway.rules["approved-image"]\n'

  for (const body of ['import data.fairway.policies', 'x := data["fairway"]', 'x := data.lib.absent.y'])
    assert.throws(() => rulesAtAdmission(given(`${header}${body}\n`), 'dev'), {
      code: 'POLICY_INVALID',
      message: /^approved-image\/rule\.rego: /,
    })
  assert.throws(() => rulesAtAdmission(given('package other\n'), 'dev'), { code: 'POLICY_INVALID' })
})

test('two rules whose names the cluster could not tell apart are refused', () => {
  const twin = rules
    .filter(({ path }) => path.startsWith('approved-image/'))
    .map(({ path, text }) => ({
      path: path.replace('approved-image', 'approvedimage'),
      text: text.replaceAll('approved-image', 'approvedimage'),
    }))

  assert.throws(() => rulesAtAdmission([...rules, ...twin], 'dev'), { code: 'POLICY_INVALID', message: /FairwayA/ })
})

test('a rule whose name leaves no room for the environment in the name of a kind is refused', () => {
  const environment = 'e'.repeat(50)

  assert.throws(() => rulesAtAdmission(rules, environment), { code: 'POLICY_INVALID', message: /too long a name/ })
})

test('the text that a cluster runs says word for word what the rules say here', {
  skip: !opa && opaHint,
}, async (t) => {
  const policy = await localPolicy({ bundle: await bundleFromFolder(folder) })
  t.after(() => policy.close())
  const objects = [...good, ...bad(good)]

  for (const object of objects) {
    const here = await policy.evaluate(admissionQuestion(request, object))
    const words = here.findings.map(({ policy: rule, message }) => `${rule}: ${message}`).toSorted()
    assert.deepEqual(await inClusterWords(object), words, JSON.stringify(object))
  }
})

test('what Kubernetes itself puts into every namespace is not asked about', { skip: !opa && opaHint }, async () => {
  for (const [kind, name] of [
    ['ConfigMap', 'kube-root-ca.crt'],
    ['ServiceAccount', 'default'],
  ])
    assert.deepEqual(
      await inClusterWords({ apiVersion: 'v1', kind, metadata: { name, namespace: 'team-a-production' } }),
      [],
    )
})

interface Manifest {
  readonly kind: string
  readonly metadata: Record<string, unknown>
  readonly spec: {
    replicas?: number
    template: {
      spec: { containers: Record<string, unknown>[]; hostNetwork?: boolean; volumes?: object[] }
    }
  }
}

interface Template {
  readonly spec: {
    readonly targets: readonly [{ readonly code: readonly [{ source: { rego: string; libs: string[] } }] }]
  }
}

const good = renderManifests(goldenWorkload())
  .filter(({ path }) => path !== 'kustomization.yaml')
  .map(({ content }) => parse(content) as Manifest)

function bad(manifests: readonly Manifest[]): Manifest[] {
  const deployment = manifests.find(({ kind }) => kind === 'Deployment')
  const changed = (change: (manifest: Manifest) => void) => {
    const copy = structuredClone(deployment) as Manifest
    change(copy)
    return copy
  }
  return [
    changed(({ metadata }) => delete metadata['labels']),
    changed(({ metadata }) => (metadata['namespace'] = 'team-b-production')),
    changed(({ spec }) => (spec.replicas = 1)),
    changed(({ spec }) => ((spec.template.spec.containers[0] ?? {})['image'] = 'nginx:latest')),
    changed(({ spec }) => delete spec.template.spec.containers[0]?.['resources']),
    changed(({ spec }) => (spec.template.spec.hostNetwork = true)),
    changed(({ spec }) => (spec.template.spec.containers = [])),
    changed(({ spec }) => (spec.template.spec.volumes = [{ name: 'etc', hostPath: { path: '/etc' } }])),
  ]
}

/** Every rule's template evaluated as Gatekeeper does: the text with its libraries, the object as a review. */
async function inClusterWords(object: object): Promise<string[]> {
  const place = await mkdtemp(join(tmpdir(), 'fairway-in-cluster-'))
  try {
    const words: string[] = []
    for (const { policy, definition, application } of ruleObjects(request)) {
      const { rego, libs } = (definition as Template).spec.targets[0].code[0].source
      const texts = [rego, ...libs]
      const files = texts.map((_, index) => join(place, `${policy}-${index}.rego`))
      await Promise.all(texts.map((text, index) => writeFile(files[index] ?? '', text)))
      const input = join(place, 'input.json')
      await writeFile(input, JSON.stringify({ review: { object }, parameters: parametersOf(application) }))
      const args = ['eval', '--strict', '-f', 'json', '-i', input, ...files.flatMap((file) => ['-d', file])]
      const { stdout } = await promisify(execFile)(opa ?? '', [...args, 'data.fairway.admission.violation'], {
        env: {},
      })
      const found = JSON.parse(stdout).result[0].expressions[0].value as { msg: string }[]
      words.push(...found.map(({ msg }) => `${policy}: ${msg}`))
    }
    return words.toSorted()
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

function parametersOf(application: object): object {
  return (application as { spec: { parameters: object } }).spec.parameters
}
