import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LiveStatus } from '#ports/delivery.ts'
import { ruleKind } from '#render/observability/platform-files.ts'
import { renderObservability } from '#render/observability/render-observability.ts'
import { commitFolder } from '../../../../testing/commit-folder.ts'
import { argoCdWorld, type ArgoCdWorld } from '../../../../testing/kubernetes/argo-cd-world.ts'
import { pushTinyImage } from '../../../../testing/kubernetes/tiny-image.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { manifestsFor } from '../../../ports/delivery.contract.ts'

const lab = await labFacts('argo-cd')
const registry = await labFacts('registry')
const soon = () => AbortSignal.timeout(20_000)
const kind = { apiVersion: `${ruleKind.group}/${ruleKind.version}`, kind: ruleKind.kind }

describe('what watches a service, with argo-cd', { skip: lab.skip || registry.skip, timeout: 400_000 }, () => {
  test('rules as their own kind are refused with the reason until the operator asks for them, and then deployed', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    await knowTheKind(world)
    const ref = { ...kind, namespace: world.namespace, name: 'shop-alert-rules' }
    await publish(world)

    const refused = await settled(world, ({ reason }) => /PrometheusRule/.test(reason ?? ''))
    assert.match(refused.reason ?? '', /not permitted in project/)
    assert.equal(await world.admin.get(ref, soon()), undefined)

    await allowTheKind(world)
    const rules = await waitUntil(
      async () => {
        await world.delivery.refresh(world.environment, soon())
        return world.admin.get(ref, soon())
      },
      { what: 'the rules in the cluster', ms: 120_000, everyMs: 1_000 },
    )
    assert.equal(rules.metadata.labels?.['fairway.dev/service'], 'shop')
    await settled(world, ({ sync, health }) => sync === 'synced' && health === 'healthy')
    const board = { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'shop-dashboard' }
    assert.equal((await world.admin.get(board, soon()))?.metadata.labels?.['grafana_dashboard'], '1')
  })
})

/** The name of the operator's kind, without its schema; other tests do not mind it, so it stays. */
async function knowTheKind({ admin }: ArgoCdWorld): Promise<void> {
  const { group, version, kind: name, plural } = ruleKind
  const anything = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: name, plural, singular: name.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema: anything }],
    },
  }
  await admin.apply(definition, {}, soon())
  await waitUntil(() => admin.serves(kind, soon()), { what: 'the kind to be served', ms: 60_000 })
}

async function publish({ publish: commit, delivery, environment }: ArgoCdWorld): Promise<void> {
  const place = { environment, service: 'shop' }
  const image = await pushTinyImage(registry.facts['registry'] ?? '', { version: '1.0.0', ready: 200 })
  const beside = renderObservability({
    ...place,
    owner: 'team-a',
    labels: { service: 'service_name', environment: 'deployment_environment_name' },
    exportSeconds: 60,
    portalUrl: 'https://fairway.example.com',
    dashboard: true,
    alertRules: 'prometheus-rule',
  })
  const files = Object.fromEntries(beside.map(({ path, content }) => [path, content]))
  await commit(place, { ...manifestsFor(place, { image, replicas: 1, version: '1.0.0' }), ...files })
  await delivery.refresh(environment, soon())
}

/** As the platform writes `clusters/` anew once the setting says so. */
async function allowTheKind({ git, delivery, environment, namespace }: ArgoCdWorld): Promise<void> {
  const objects = delivery.clusterObjects?.({ environment, teams: ['team-a'], kinds: [ruleKind] }) ?? []
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  const written = [{ path: 'namespace.yaml', object: own }, ...objects]
  const files = Object.fromEntries(written.map(({ path, object }) => [path, JSON.stringify(object)]))
  await commitFolder(git.repo, `clusters/${environment}`, files)
}

async function settled({ delivery, environment }: ArgoCdWorld, is: (now: LiveStatus) => boolean): Promise<LiveStatus> {
  let last: LiveStatus | undefined
  return waitUntil(
    async () => {
      last = await delivery.status({ environment, service: 'shop' }, soon())
      return is(last) ? last : undefined
    },
    { what: 'the status', ms: 120_000, everyMs: 200 },
  ).catch((cause: unknown) => {
    throw new Error(`the last status was ${JSON.stringify(last)}`, { cause })
  })
}
