import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { INamespace } from 'kubernetes-models/v1/Namespace'
import { parse } from 'yaml'
import { environmentNamed } from '../../../testing/arbitrary-workload.ts'
import { goldenCluster, goldenClusterFolder } from '../../../testing/golden-cluster.ts'
import { goldenWorkload } from '../../../testing/golden-workload.ts'
import { manifestFaults } from '../../../testing/kubernetes/validate-manifest.ts'
import { readFolder } from '../../../testing/read-folder.ts'
import { renderManifests } from '../score/render-manifests.ts'
import { renderCluster } from './render-cluster.ts'

const rendered = renderCluster(await goldenCluster())

test('two teams and two rules render to the golden cluster folder, the same every time', async () => {
  assert.deepEqual(
    rendered.map(({ path, content }) => [path, content]),
    [...readFolder(`${goldenClusterFolder}expected`)],
    'node tools/generate/golden.ts rewrites it; read the diff',
  )
  assert.deepEqual(renderCluster(await goldenCluster()), rendered)
})

test('two environments can share a cluster: no object is in the folder of both', async () => {
  const golden = await goldenCluster()
  const objects = (name: string) =>
    renderCluster({ ...golden, environment: environmentNamed(name, 2) }).map(({ content }) => {
      const { kind, metadata } = parse(content) as { kind: string; metadata: { name: string; namespace?: string } }
      return `${kind} ${metadata.namespace}/${metadata.name}`
    })

  const staging = new Set(objects('staging'))

  assert.ok(staging.size > 10)
  assert.deepEqual(
    objects('production').filter((object) => staging.has(object)),
    [],
  )
})

test('every object of Kubernetes’ own is valid for Kubernetes 1.37', () => {
  const own = rendered.filter(({ path }) => !path.includes('/policies/'))

  assert.ok(own.length > 15)
  for (const { path, content } of own) assert.deepEqual(manifestFaults(content), [], path)
})

test('the manifests of a service name the namespace that is made here, and its pods meet what that namespace demands', () => {
  const file = rendered.find(({ path }) => path === 'clusters/production/teams/team-a/namespace.yaml')
  const { metadata } = parse(file?.content ?? '') as INamespace
  const manifests = renderManifests(goldenWorkload()).filter(({ path }) => path !== 'kustomization.yaml')

  assert.equal(metadata?.labels?.['pod-security.kubernetes.io/enforce'], 'restricted')
  for (const { content } of manifests) assert.equal(parse(content).metadata.namespace, metadata?.name)
  const deployment = manifests.find(({ path }) => path === 'deployment.yaml')
  assert.deepEqual(restrictedFaults(parse(deployment?.content ?? '') as IDeployment), [])
})

test('a team’s namespace lets nothing in or out by itself but name resolution, and members read only', () => {
  const objectAt = (name: string) =>
    parse(rendered.find(({ path }) => path.endsWith(`/team-b/${name}.yaml`))?.content ?? '')

  const { spec } = objectAt('default-deny')
  assert.deepEqual([spec.podSelector, spec.policyTypes, spec.ingress], [{}, ['Ingress', 'Egress'], undefined])
  assert.deepEqual(
    spec.egress.map(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port)),
    [[53, 53]],
  )
  assert.equal(objectAt('team-members').roleRef.name, 'view')
  assert.deepEqual(objectAt('team-members').subjects, [
    { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'team-b' },
  ])
  const mayTouch = objectAt('deployer-role').rules.flatMap(({ resources }: { resources: string[] }) => resources)
  for (const forbidden of ['secrets', 'roles', 'rolebindings', '*']) assert.ok(!mayTouch.includes(forbidden))
  for (const account of ['default-account', 'deployer-account'])
    assert.equal(objectAt(account).automountServiceAccountToken, false)
})

test('rules as objects of their own may be deployed only where the operator says that the kind exists', async () => {
  const roles = (files: readonly { path: string; content: string }[]) =>
    files.filter(({ path }) => path.endsWith('deployer-role.yaml')).map(({ content }) => content)
  const withRules = renderCluster({ ...(await goldenCluster()), ruleObjects: true })

  assert.ok(roles(rendered).every((role) => !role.includes('prometheusrules')))
  assert.equal(roles(withRules).filter((role) => role.includes('prometheusrules')).length, 2)
  for (const role of roles(withRules)) assert.deepEqual(manifestFaults(role), [])
})

test('a name that is none renders nothing', async () => {
  const request = await goldenCluster()
  for (const name of ['../team-a', 'Team', '']) assert.throws(() => renderCluster({ ...request, teams: [name] }))
})

/** What Kubernetes' level `restricted` demands of a pod, as far as a Deployment of ours could miss it. */
function restrictedFaults({ spec }: IDeployment): string[] {
  const pod = spec?.template.spec
  const faults = [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].flatMap(({ name, securityContext }) => [
    ...(securityContext?.allowPrivilegeEscalation === false ? [] : [`${name}: allowPrivilegeEscalation`]),
    ...(securityContext?.capabilities?.drop?.includes('ALL') ? [] : [`${name}: capabilities.drop`]),
    ...(securityContext?.capabilities?.add?.length ? [`${name}: capabilities.add`] : []),
    ...((securityContext?.runAsNonRoot ?? pod?.securityContext?.runAsNonRoot) ? [] : [`${name}: runAsNonRoot`]),
    ...((securityContext?.seccompProfile ?? pod?.securityContext?.seccompProfile)?.type === 'RuntimeDefault'
      ? []
      : [`${name}: seccompProfile`]),
  ])
  const allowed = new Set(['name', 'configMap', 'emptyDir', 'secret', 'projected'])
  const volumes = (pod?.volumes ?? []).flatMap((volume) => Object.keys(volume)).filter((key) => !allowed.has(key))
  return [...faults, ...volumes.map((key) => `volume ${key}`)]
}
