import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { accountWith } from '../../../testing/kubernetes/account.ts'
import { clusterGate } from '../../../testing/kubernetes/cluster-gate.ts'
import { labFacts } from '../../../testing/lab.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { type Cluster, cluster } from './cluster.ts'
import type { KubernetesObject } from './objects.ts'

const lab = await labFacts('kubernetes')

describe('kubernetes', { skip: lab.skip, timeout: 120_000 }, () => {
  const kubeconfig = lab.facts['kubeconfig'] ?? ''
  const admin = cluster({ kubeconfig })
  const soon = () => AbortSignal.timeout(20_000)

  test('an object that was applied can be read, listed, changed and deleted; doing it twice changes nothing', async (t) => {
    const namespace = await ownNamespace(t, admin)
    const object = configMap(namespace, 'shop', { a: '1' })

    const first = await admin.apply(object, {}, soon())
    const second = await admin.apply(object, {}, soon())

    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'shop' }
    assert.deepEqual((await admin.get(ref, soon()))?.['data'], { a: '1' })
    const listed = await admin.list(ref, { labels: 'app.kubernetes.io/name=shop' }, soon())
    assert.deepEqual(
      listed.map(({ kind, metadata }) => [kind, metadata.name]),
      [['ConfigMap', 'shop']],
    )
    assert.deepEqual((await admin.patch(ref, { data: { b: '2' } }, soon()))['data'], { a: '1', b: '2' })
    await admin.delete(ref, soon())
    await admin.delete(ref, soon())
    assert.equal(await admin.get(ref, soon()), undefined)
  })

  test('a dry run changes nothing, and a field that the kind does not have is refused', async (t) => {
    const namespace = await ownNamespace(t, admin)
    const object = configMap(namespace, 'shop', { a: '1' })

    await admin.apply(object, { dryRun: true }, soon())

    assert.equal(await admin.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'shop' }, soon()), undefined)
    await assert.rejects(admin.apply({ ...object, dta: {} }, {}, soon()), { code: 'CLUSTER_REFUSED', message: /dta/ })
  })

  test('a kind that the cluster does not know is absent to read and an error to write', async () => {
    const unknown = { apiVersion: 'fairway.dev/v9', kind: 'Nothing', metadata: { name: 'shop' } }

    assert.equal(await admin.get({ apiVersion: 'fairway.dev/v9', kind: 'Nothing', name: 'shop' }, soon()), undefined)
    assert.deepEqual(await admin.list({ apiVersion: 'fairway.dev/v9', kind: 'Nothing' }, {}, soon()), [])
    await assert.rejects(admin.apply(unknown, {}, soon()), { code: 'CLUSTER_KIND_UNKNOWN' })
  })

  test('what an account may not do is named by verb and resource', async (t) => {
    const namespace = await ownNamespace(t, admin)
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }]
    const token = await accountWith(t, admin, { namespace, name: 'reader', rules })
    const reader = cluster({ kubeconfig: (await clusterGate(t, kubeconfig, { token })).kubeconfig })
    await waitUntil(() => reader.mayI({ verb: 'get', group: '', resource: 'configmaps', namespace }, soon()), {
      what: 'the role to be in force',
    })

    assert.equal(await reader.mayI({ verb: 'list', group: '', resource: 'pods', namespace }, soon()), false)
    await assert.rejects(reader.list({ apiVersion: 'v1', kind: 'Pod', namespace }, {}, soon()), {
      code: 'CLUSTER_FORBIDDEN',
      message: new RegExp(`may not list pods in namespace ${namespace}`),
      facts: { verb: 'list', resource: 'pods', namespace },
    })
    await assert.rejects(reader.list({ apiVersion: 'apps/v1', kind: 'Deployment' }, {}, soon()), {
      message: /may not list deployments\.apps/,
    })
  })

  test('a credential that is wrong is named, and a renewed one is taken without a restart', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairway-kubeconfig-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'kubeconfig')
    const wrong = await clusterGate(t, kubeconfig, { token: 'canary-of-a-wrong-token' })
    await writeFile(file, await readFile(wrong.kubeconfig))
    const renewed = cluster({ kubeconfig: file })
    const kind = { apiVersion: 'v1', kind: 'Namespace' }

    const error = await renewed.list(kind, {}, soon()).catch((thrown: unknown) => thrown)

    assert.equal((error as { code: string }).code, 'CLUSTER_UNAUTHORISED')
    assert.doesNotMatch(JSON.stringify([String(error), error]), /canary/)
    await writeFile(file, await readFile(kubeconfig))
    assert.ok((await renewed.list(kind, {}, soon())).length > 0)
  })

  test('a cluster that is away, or that is silent, is unreachable within the time the caller gives', async (t) => {
    const gate = await clusterGate(t, kubeconfig)
    gate.close()
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    t.after(() => silent.close())
    const hanging = await clusterGate(t, kubeconfig)
    const text = await readFile(hanging.kubeconfig, 'utf8')
    const { port } = silent.address() as { port: number }
    await writeFile(hanging.kubeconfig, text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`))
    const kind = { apiVersion: 'v1', kind: 'Namespace' }

    await assert.rejects(cluster({ kubeconfig: gate.kubeconfig }).list(kind, {}, soon()), {
      code: 'CLUSTER_UNREACHABLE',
    })
    const waiting = cluster({ kubeconfig: hanging.kubeconfig }).list(kind, {}, AbortSignal.timeout(300))
    await assert.rejects(waiting, { code: 'CLUSTER_UNREACHABLE', message: /no answer in time/ })
  })

  test('who watches hears of what is there and of every change, also of those after a cut', async (t) => {
    const namespace = await ownNamespace(t, admin)
    const gate = await clusterGate(t, kubeconfig)
    const seen: string[] = []
    await admin.apply(configMap(namespace, 'first', { a: '1' }), {}, soon())

    const stop = cluster({ kubeconfig: gate.kubeconfig }).watch(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace },
      { labels: 'app.kubernetes.io/managed-by=fairway' },
      (change) => seen.push('object' in change ? `${change.kind} ${change.object.metadata.name}` : change.kind),
    )
    t.after(stop)

    const hears = (what: string) =>
      waitUntil(() => seen.includes(what), { what: `${what} among ${seen.join()}`, ms: 20_000 })
    await hears('present first')
    await admin.apply(configMap(namespace, 'second', { a: '1' }), {}, soon())
    await hears('present second')
    gate.close()
    await hears('broken')
    await admin.apply(configMap(namespace, 'third', { a: '1' }), {}, soon())
    gate.open()
    await hears('present third')
    await admin.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'third' }, soon())
    await hears('gone third')
  })
})

function configMap(namespace: string, name: string, data: Record<string, string>): KubernetesObject {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'fairway' }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data }
}

async function ownNamespace(t: TestContext, admin: Cluster): Promise<string> {
  const name = `kubernetes-test-${crypto.randomUUID().slice(0, 8)}`
  await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {}, AbortSignal.timeout(20_000))
  t.after(() => admin.delete({ apiVersion: 'v1', kind: 'Namespace', name }, AbortSignal.timeout(20_000)))
  return name
}
