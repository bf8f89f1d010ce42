import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { bundleFromFolder } from '#adapters/policy/local/bundle.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import type { Verdict } from '#model/verdict.ts'
import { findPackager } from '#render/packaged/find-packager.ts'
import { acceptAdapters } from '../src/main/adapters/accept-adapters.ts'
import { sharedKeys } from '../src/main/secrets-file.ts'
import { readStartFile } from '../src/main/start-file.ts'

const kustomize = await findPackager('kustomize').catch(() => undefined)
const skip = kustomize ? false : 'kustomize is not installed'
const example = join(import.meta.dirname, 'example')

interface Rendered {
  readonly kind: string
  readonly metadata: { readonly name: string; namespace?: string }
}

test('the manifests of Fairway pass its own rules in production, but for the rights that only the platform hands out', {
  skip,
}, async (t) => {
  const objects = await rendered()
  const elsewhere = objects.filter(({ metadata }) => metadata.namespace && metadata.namespace !== 'fairway')
  assert.deepEqual(
    elsewhere.map(({ kind, metadata }) => [kind, metadata.namespace]),
    [['RoleBinding', 'argocd']],
  )
  const verdict = await judged(t, objects.map(asTeams))

  const denied = verdict.findings.filter(({ severity }) => severity === 'deny')
  assert.deepEqual([...new Set(denied.map(({ policy }) => policy))], ['allowed-kinds'], JSON.stringify(denied))
  const rights = /^(ClusterRole|ClusterRoleBinding|RoleBinding)\/fairway-(look|deliver)/
  for (const { message } of denied) assert.match(message, rights)
  const own = objects.filter(({ kind }) => !/Role/.test(kind)).map(asTeams)
  assert.deepEqual((await judged(t, own)).findings, [])
})

test('each safety of the pod is one that the rules ask for: without it they refuse', { skip }, async (t) => {
  const objects = (await rendered()).filter(({ kind }) => kind === 'Deployment').map(asTeams)
  for (const edit of [
    (pod: Pod) => delete pod.containers[0]?.securityContext['readOnlyRootFilesystem'],
    (pod: Pod) => delete pod.containers[0]?.securityContext['capabilities'],
    (pod: Pod) => delete pod.securityContext['runAsNonRoot'],
    (pod: Pod) => delete pod.containers[0]?.['readinessProbe'],
    (pod: Pod) => (pod.securityContext['seccompProfile'] = { type: 'Unconfined' }),
  ]) {
    const changed = structuredClone(objects)
    edit((changed[0] as unknown as { spec: { template: { spec: Pod } } }).spec.template.spec)
    assert.equal((await judged(t, changed)).allowed, false, String(edit))
  }
})

test('the example’s settings name products that exist with options that hold, and only credentials that the guide makes', async () => {
  const { adapters } = await readStartFile({ FAIRWAY_CONFIG: join(example, 'fairway.yaml') })
  const accepted = await acceptAdapters(adapters)
  assert.deepEqual(
    [accepted.gitHost?.name, accepted.artifacts?.name, accepted.delivery?.name],
    ['gitea', 'oci-registry', 'argo-cd'],
  )
  const guide = await readFile(join(import.meta.dirname, '../docs/guide/kubernetes.md'), 'utf8')
  for (const name of [...sharedKeys, 'gitea-token', 'hook-secret', 'registry-password'])
    assert.ok(guide.includes(name), name)
})

interface Pod {
  readonly securityContext: Record<string, unknown>
  readonly containers: { readonly securityContext: Record<string, unknown>; [field: string]: unknown }[]
}

/** The example as kubectl would apply it, read by the pinned program. */
async function rendered(): Promise<readonly Rendered[]> {
  const { stdout } = await promisify(execFile)(kustomize ?? '', ['build', example])
  const digested = stdout.replace(/sha256:0{64}/, `sha256:${'12'.repeat(32)}`) // what the operator puts in
  return parseAllDocuments(digested).map((document) => document.toJS() as Rendered)
}

/** As if team platform ran it as its service in production: the rule of namespaces is made for services. */
function asTeams(object: Rendered): Rendered {
  return { ...object, metadata: { ...object.metadata, namespace: 'platform-production' } }
}

async function judged(t: TestContext, objects: readonly Rendered[]): Promise<Verdict> {
  const policy = await localPolicy({ bundle: await bundleFromFolder(join(import.meta.dirname, '../policies')) })
  t.after(() => policy.close())
  const input = {
    now: new Date().toISOString(),
    gate: 'change',
    environment: { name: 'production', registries: ['registry.example.com'] },
    environments: ['dev', 'staging', 'production'],
    team: 'platform',
    teams: ['platform'],
    service: 'fairway',
    objects,
  }
  return policy.evaluate({ gate: 'change', environment: 'production', input })
}
