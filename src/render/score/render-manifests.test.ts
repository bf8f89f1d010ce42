import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { parse } from 'yaml'
import { ServiceEnvironment } from '#model/environment.ts'
import { arbitraryWorkload } from '../../../testing/arbitrary-workload.ts'
import { goldenWorkload, workloadFolder, workloadScore } from '../../../testing/golden-workload.ts'
import { expandDollars } from '../../../testing/kubernetes/expand-dollars.ts'
import { manifestFaults } from '../../../testing/kubernetes/validate-manifest.ts'
import { readFolder } from '../../../testing/read-folder.ts'
import { parseScore } from './parse-score.ts'
import { refusedObjects } from './refused-objects.ts'
import { renderManifests } from './render-manifests.ts'
import { type ManifestRequest, namespaceOf } from './request.ts'

function objectIn<T>(request: ManifestRequest, path: string): T {
  return parse(renderManifests(request).find((file) => file.path === path)?.content ?? '') as T
}

const podOf = (request: ManifestRequest) => objectIn<IDeployment>(request, 'deployment.yaml').spec?.template.spec

test('the example renders to its golden manifests', () => {
  const rendered = renderManifests(goldenWorkload()).map(({ path, content }) => [path, content])

  assert.deepEqual(
    rendered,
    [...readFolder(`${workloadFolder}expected`)],
    'node tools/generate/golden.ts rewrites it; read the diff',
  )
})

test('any valid workload renders to manifests that Kubernetes 1.37 takes and the allow-list lets pass, the same every time', () => {
  fc.assert(
    fc.property(arbitraryWorkload(), (request) => {
      const files = renderManifests(request)

      assert.deepEqual(renderManifests({ ...request, score: parseScore(request.scoreText) }), files)
      for (const { path, content } of files) {
        if (path !== 'kustomization.yaml') assert.deepEqual(manifestFaults(content), [], `${path}\n${content}`)
      }
      const namespace = namespaceOf(request.release.owner, request.environment.metadata.name)
      assert.deepEqual(refusedObjects(files, namespace), [])
    }),
    { numRuns: 300 },
  )
})

test('a variable, command or argument reaches the process exactly as score.yaml means it', () => {
  fc.assert(
    fc.property(arbitraryWorkload(), (request) => {
      const pod = podOf(request)

      for (const [name, { variables, args, command }] of Object.entries(request.score.containers)) {
        const container = pod?.containers.find((one) => one.name === name)
        const env = new Map(container?.env?.map((one) => [one.name, one.value ?? '']))
        const values = new Map([...env].map(([key, value]) => [key, expandDollars(value, env)]))
        for (const [key, text] of Object.entries(variables)) assert.equal(values.get(key), text.replaceAll('$$', '$'))
        const words = [...(container?.command ?? []), ...(container?.args ?? [])].map((word) =>
          expandDollars(word, env),
        )
        assert.deepEqual(words, [...(command ?? []), ...(args ?? [])])
      }
    }),
    { numRuns: 200 },
  )
})

test('every container is confined and every pod runs without token and without root', () => {
  const pod = podOf(goldenWorkload())

  assert.equal(pod?.automountServiceAccountToken, false)
  assert.equal(pod?.securityContext?.runAsNonRoot, true)
  assert.equal(pod?.securityContext?.runAsUser, 10001)
  assert.equal(pod?.securityContext?.seccompProfile?.type, 'RuntimeDefault')
  assert.equal(pod?.containers.length, 2)
  for (const { securityContext, resources } of pod?.containers ?? []) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    assert.deepEqual(Object.keys(resources?.limits ?? {}), ['cpu', 'memory'])
  }
})

test('the service runs by digest, never by a tag', () => {
  const images = podOf(goldenWorkload())?.containers.map(({ image }) => image)

  assert.equal(images?.[0], `fairway.local/team-a/shop@sha256:${'b'.repeat(64)}`)
})

test('one replica gets no disruption budget, two get one that never blocks a drain', () => {
  const one = goldenWorkload({ serviceEnvironment: ServiceEnvironment.parse({ replicas: 1 }) })

  assert.ok(!renderManifests(one).some(({ path }) => path === 'disruption-budget.yaml'))
  const budget = objectIn<{ spec: { maxUnavailable: number } }>(goldenWorkload(), 'disruption-budget.yaml')
  assert.equal(budget.spec.maxUnavailable, 1)
})

test('a changed file restarts the pods; a workload without ports gets no Service and nothing in', () => {
  const changed = goldenWorkload({ score: parseScore(workloadScore.replace('name: ${metadata.name}', 'name: other')) })
  const silent = goldenWorkload({
    score: parseScore(workloadScore.replace(/service:\n {2}ports:[^]*?containers:/, 'containers:')),
  })
  const annotations = (request: ManifestRequest) =>
    objectIn<IDeployment>(request, 'deployment.yaml').spec?.template.metadata?.annotations

  assert.notDeepEqual(annotations(changed), annotations(goldenWorkload()))
  assert.ok(!renderManifests(silent).some(({ path }) => path === 'service.yaml'))
  const policy = objectIn<{ spec: { ingress?: unknown; policyTypes: string[] } }>(silent, 'network-policy.yaml')
  assert.deepEqual([policy.spec.ingress, policy.spec.policyTypes], [undefined, ['Ingress', 'Egress']])
})

test('a default gives way to what somebody wrote; two written values that contradict are refused', () => {
  const withResources = (resources: string) =>
    goldenWorkload({ score: parseScore(workloadScore.replace('requests: { cpu: 100m, memory: 64Mi }', resources)) })

  const small = podOf(withResources('limits: {memory: 32Mi}'))?.containers[0]?.resources
  const big = podOf(withResources('requests: {memory: 1Gi}'))?.containers[0]?.resources

  assert.deepEqual([small?.requests?.['memory'], small?.limits?.['memory']], ['32Mi', '32Mi'])
  assert.deepEqual([big?.requests?.['memory'], big?.limits?.['memory']], ['1Gi', '1Gi'])
  const wrong = withResources('{requests: {cpu: "2"}, limits: {cpu: 500m}}')
  assert.throws(() => renderManifests(wrong), { code: 'SCORE_INVALID', message: /containers\/main\/resources/ })
})

test("a service cannot ask for another service's address", () => {
  const asking = (host: string) => goldenWorkload({ serviceEnvironment: ServiceEnvironment.parse({ hosts: [host] }) })

  for (const host of ['bank.production.localhost', 'shop.dev.localhost', 'BANK.production.localhost']) {
    assert.throws(() => renderManifests(asking(host)), { code: 'SETTINGS_INVALID' }, host)
  }
  assert.doesNotThrow(() => renderManifests(asking('shop.production.localhost')))
})

test('a workload that names itself differently from its service is refused', () => {
  const other = goldenWorkload({ score: parseScore(workloadScore.replace('name: shop', 'name: bank')) })

  assert.throws(() => renderManifests(other), { code: 'SCORE_INVALID', message: /metadata\.name/ })
})
