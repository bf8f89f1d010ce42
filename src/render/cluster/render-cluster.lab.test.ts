import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { environmentNamed } from '../../../testing/arbitrary-workload.ts'
import { goldenCluster } from '../../../testing/golden-cluster.ts'
import { goldenWorkload } from '../../../testing/golden-workload.ts'
import { labFacts } from '../../../testing/lab.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { renderManifests } from '../score/render-manifests.ts'
import { renderCluster } from './render-cluster.ts'

const lab = await labFacts('kubernetes')

describe('the cluster folder', { skip: lab.skip, timeout: 120_000 }, () => {
  const api = cluster({ kubeconfig: lab.facts['kubeconfig'] ?? '' })
  const soon = () => AbortSignal.timeout(20_000)

  test('a real cluster takes every object of a team, and admits a service’s manifests and pods there', async (t) => {
    const environment = environmentNamed(`cf${randomBytes(4).toString('hex')}`, 2)
    const { name } = environment.metadata
    const files = renderCluster({
      ...(await goldenCluster()),
      environment,
      environments: [name],
      teams: ['team-a'],
      rules: [],
    })
    const objects = files.map(({ content }) => parse(content) as KubernetesObject)
    const namespace = objects.find(
      ({ kind, metadata }) => kind === 'Namespace' && metadata.labels?.['fairway.dev/environment'],
    )
    assert.ok(namespace)
    t.after(() => api.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace.metadata.name }, soon()))
    await api.apply(namespace, {}, soon())
    for (const object of objects.filter(({ metadata }) => metadata.namespace)) await applied(api, object)
    const workload = renderManifests({ ...goldenWorkload(), environment })
      .filter(({ path }) => path !== 'kustomization.yaml')
      .map(({ content }) => parse(content) as KubernetesObject)

    for (const object of workload) await api.apply(object, { dryRun: true }, soon())
    const deployment = workload.find(({ kind }) => kind === 'Deployment') as Deployment | undefined
    assert.ok(deployment)
    const pod = (spec: object): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...deployment.metadata, name: 'shop-pod' },
      spec: { ...deployment.spec.template.spec, serviceAccountName: 'default', ...spec },
    })
    await waitUntil(() => api.apply(pod({}), { dryRun: true }, soon()), { what: 'the pod to be admitted' })
    await assert.rejects(
      api.apply(pod({ hostNetwork: true }), { dryRun: true }, soon()),
      /violates PodSecurity "restricted/,
    )
  })

  /** Kubernetes makes some of them itself when it makes the namespace. */
  async function applied(to: Cluster, object: KubernetesObject): Promise<void> {
    await waitUntil(() => to.apply(object, { force: true }, soon()), { what: `${object.kind} to be taken` })
  }
})

interface Deployment extends KubernetesObject {
  readonly spec: { readonly template: { readonly spec: object } }
}
