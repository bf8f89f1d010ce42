import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clusterCalls } from '#lib/kubernetes/calls.ts'
import { readWorkload } from '#lib/kubernetes/workload.ts'
import type { ObjectRef } from '#lib/kubernetes/objects.ts'
import type { LiveStatus, Place } from '#ports/delivery.ts'
import { accountWith } from '../../../../testing/kubernetes/account.ts'
import { clusterGate } from '../../../../testing/kubernetes/cluster-gate.ts'
import { fluxWorld, type FluxWorld } from '../../../../testing/kubernetes/flux-world.ts'
import { pushTinyImage } from '../../../../testing/kubernetes/tiny-image.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { manifestsFor } from '../../../ports/delivery.contract.ts'
import { wantedObjects } from '../wanted-objects.ts'
import { checkConnection } from './check-connection.ts'
import { kustomizationKind, kustomizationName, platformName, requestedAnnotation, sourceKind } from './names.ts'

const lab = await labFacts('flux')
const registry = await labFacts('registry')
const soon = () => AbortSignal.timeout(20_000)

// Flux's controllers do not run here: the API server holds their kinds, and each test writes what they would write.
describe('delivery: flux, its controllers played', {
  skip: lab.skip || registry.skip,
  concurrency: 1,
  timeout: 400_000,
}, () => {
  test('flux: the cluster takes every object with fields checked strictly; bootstrapping again or dry changes nothing, and no answer holds the credential', async (t) => {
    const world = await fluxWorld(t, lab.facts)

    const again = await world.delivery.bootstrap?.(world.environment, { dryRun: false }, soon())

    const kinds = again?.map(({ name, change }) => [name.split(' ')[0], change])
    assert.deepEqual(kinds?.slice(0, 3), [
      ['Secret', 'none'],
      ['GitRepository', 'none'],
      ['Kustomization', 'none'],
    ])
    assert.doesNotMatch(JSON.stringify(again), new RegExp(world.git.remote.password))
    const other = await world.delivery.bootstrap?.('elsewhere', { dryRun: true }, soon())
    assert.ok(other?.some(({ name, change }) => name.endsWith('fairway-elsewhere') && change === 'created'))
    const ref = { ...sourceKind, namespace: world.options.namespace, name: 'fairway-elsewhere' }
    assert.equal(await world.admin.get(ref, soon()), undefined)
  })

  test('flux: a service has one Kustomization: its folder, its team’s account, its team’s namespace, no source elsewhere; it goes when the folder goes', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const place = placeIn(world)
    await deploy(world, '1.0.0')

    const spec = (await world.admin.get(kustomizationOf(world), soon()))?.['spec'] as Record<string, unknown>

    assert.equal(spec['path'], `./envs/${world.environment}/shop`)
    assert.equal(spec['serviceAccountName'], `fairway-team-a-${world.environment}`)
    assert.equal(spec['targetNamespace'], world.namespace)
    assert.equal(spec['prune'], true)
    assert.deepEqual(spec['sourceRef'], { kind: 'GitRepository', name: platformName(world.environment) })
    await world.publish(place, undefined)
    await world.delivery.refresh(world.environment, soon())
    assert.equal(await world.admin.get(kustomizationOf(world), soon()), undefined)
    const { sync, health } = await world.delivery.status(place, soon())
    assert.deepEqual([sync, health], ['absent', 'absent'])
  })

  test('flux: the account that services are deployed as may do so in its team’s namespace and nowhere else', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const user = `system:serviceaccount:${world.options.namespace}:fairway-team-a-${world.environment}`
    const may = async (namespace: string, resource: string, group = '') => {
      const spec = { user, resourceAttributes: { namespace, resource, group, verb: 'create' } }
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
      const answer = await world.admin.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', body, soon())
      return (answer as { status: { allowed: boolean } }).status.allowed
    }

    assert.equal(await may(world.namespace, 'deployments', 'apps'), true)
    assert.equal(await may(world.namespace, 'secrets'), false)
    assert.equal(await may(world.namespace, 'rolebindings', 'rbac.authorization.k8s.io'), false)
    assert.equal(await may('default', 'deployments', 'apps'), false)
    assert.equal(await may(world.options.namespace, 'secrets'), false)
  })

  test('flux: a commit is live once it was applied and its rollout is complete, not when either is', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const place = placeIn(world)
    const commit = await deploy(world, '1.0.0')
    const before = await world.delivery.status(place, soon())
    assert.deepEqual([before.sync, before.liveCommit], ['progressing', undefined])
    await fetched(world, commit)
    await applyFolder(world, commit)
    await isRolledOut(world)
    const between = await world.delivery.status(place, soon())
    assert.deepEqual([between.sync, between.liveCommit], ['progressing', undefined])

    await reconciled(world, { applied: commit })

    const { version, replicas } = await settled(world, isHealthyAt(commit))
    assert.deepEqual([version, replicas], ['1.0.0', { ready: 1, desired: 1 }])
    const second = await deploy(world, '2.0.0')
    await fetched(world, second)
    await reconciled(world, { applied: second })
    const said = await world.delivery.status(place, soon())
    assert.deepEqual([said.sync, said.liveCommit, said.version], ['drifted', commit, '1.0.0'])
  })

  test('flux: what the cluster refused is told with Flux’s words, and the old version goes on', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const first = await live(world, '1.0.0')
    const second = await deploy(world, '2.0.0')
    await fetched(world, second)

    const message = 'Deployment/shop dry-run failed (Forbidden): deployments.apps is forbidden'
    await reconciled(world, { applied: first, attempted: second, failed: message })

    const status = await world.delivery.status(placeIn(world), soon())
    assert.deepEqual([status.sync, status.health, status.liveCommit], ['failed', 'degraded', first])
    assert.match(status.rolloutFailure ?? '', /Flux could not apply it: .*is forbidden/)
    assert.match(status.reason ?? '', /1\.0\.0 keeps running/)
  })

  test('flux: a refusal of an older revision of the object is no word on this one', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const first = await live(world, '1.0.0')
    const second = await deploy(world, '2.0.0')
    await fetched(world, second)

    await reconciled(world, { applied: first, attempted: second, failed: 'is invalid', generation: 0 })

    const status = await world.delivery.status(placeIn(world), soon())
    assert.deepEqual([status.sync, status.rolloutFailure], ['progressing', undefined])
  })

  test('flux: suspended, stalled, silent for long, unanswered or without Git is unknown with the reason, while what runs is told', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const commit = await live(world, '1.0.0')
    const place = placeIn(world)
    const says = async (reason: RegExp, delivery = world.delivery) => {
      const status = await delivery.status(place, soon())
      assert.deepEqual([status.sync, status.liveCommit], ['unknown', commit])
      assert.match(status.reason ?? '', reason)
      assert.equal((await delivery.differences(place, soon())).kind, 'unknown')
    }
    await world.admin.patch(kustomizationOf(world), { spec: { suspend: true } }, soon())
    await says(/suspended for .*shop/)
    await world.admin.patch(kustomizationOf(world), { spec: { suspend: false } }, soon())
    await reconciled(world, { applied: commit, minutesAgo: 60 })
    await says(/kustomize-controller has said nothing since/)
    await reconciled(world, { applied: commit })
    const since = new Date(Date.now() - 3_600_000).toISOString()
    await world.admin.patch(sourceRef(world), { metadata: { annotations: { [requestedAnnotation]: since } } }, soon())
    await says(/has not answered the request/)
    await fetched(world, commit, { stalled: 'invalid URL' })
    await says(/cannot read the delivery repository: invalid URL/)
    await fetched(world, commit, { failed: 'unable to clone: connection refused' })
    await says(/cannot read the delivery repository: unable to clone/)
    await fetched(world, commit)
    await settled(world, isHealthyAt(commit))
  })

  test('flux: a controller that lags is told as unknown, and no second commit is made', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const impatient = world.adapter({ lagSeconds: 3 })
    const first = await live(world, '1.0.0')

    await deploy(world, '2.0.0')

    await reconciled(world, { applied: first })
    const late = await settled(world, ({ sync }) => sync === 'unknown', impatient)
    assert.match(late.reason ?? '', /lags|has not answered/)
    assert.equal(late.liveCommit, first)
  })

  test('flux: a cluster that is away is unknown, never healthy', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    await live(world, '1.0.0')
    const gate = await clusterGate(t, world.options.kubeconfig ?? '')
    const through = world.adapter({ kubeconfig: gate.kubeconfig })

    gate.close()

    const away = await through.status(placeIn(world), soon())
    assert.deepEqual([away.sync, away.health, away.liveCommit], ['unknown', 'unknown', undefined])
    assert.match(away.reason ?? '', /CLUSTER_UNREACHABLE/)
  })

  test('flux: repairing and refreshing leave a request that a controller can answer', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    await deploy(world, '1.0.0')

    await world.delivery.repair(placeIn(world), soon())

    for (const ref of [kustomizationOf(world), sourceRef(world)])
      assert.match((await world.admin.get(ref, soon()))?.metadata.annotations?.[requestedAnnotation] ?? '', /^\d{4}-/)
  })

  test('flux: a missing permission is named by verb and resource', async (t) => {
    const world = await fluxWorld(t, lab.facts)
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]
    const token = await accountWith(t, world.admin, { namespace: world.namespace, name: 'reader', rules })
    const { kubeconfig } = await clusterGate(t, world.options.kubeconfig ?? '', { token })

    const findings = await checkConnection({ ...world.options, kubeconfig })

    const missing = findings.filter(({ state }) => state === 'missing').map(({ found }) => found)
    assert.ok(
      missing.includes(
        'our account may not create, patch, delete kustomizations.kustomize.toolkit.fluxcd.io in flux-system',
      ),
      JSON.stringify(findings),
    )
    assert.ok(missing.includes('our account may not patch gitrepositories.source.toolkit.fluxcd.io in flux-system'))
  })
})

const placeIn = ({ environment }: FluxWorld): Place => ({ environment, service: 'shop' })

const kustomizationOf = (world: FluxWorld): ObjectRef => ({
  ...kustomizationKind,
  namespace: world.options.namespace,
  name: kustomizationName(placeIn(world)),
})

const sourceRef = ({ options, environment }: FluxWorld): ObjectRef => ({
  ...sourceKind,
  namespace: options.namespace,
  name: platformName(environment),
})

async function filesOf(world: FluxWorld, version: string) {
  const image = await pushTinyImage(registry.facts['registry'] ?? '', { version, ready: 200 })
  return manifestsFor(placeIn(world), { image, replicas: 1, version })
}

const published = new Map<string, Readonly<Record<string, string>>>()

async function deploy(world: FluxWorld, version: string): Promise<string> {
  const files = await filesOf(world, version)
  const commit = await world.publish(placeIn(world), files)
  published.set(commit, files)
  await world.delivery.refresh(world.environment, soon())
  return commit
}

/** A version that was applied and is healthy. */
async function live(world: FluxWorld, version: string): Promise<string> {
  const commit = await deploy(world, version)
  await fetched(world, commit)
  await applyFolder(world, commit)
  await reconciled(world, { applied: commit })
  await settled(world, isHealthyAt(commit))
  return commit
}

/** As source-controller writes it. */
async function fetched(
  world: FluxWorld,
  commit: string,
  { stalled, failed }: { stalled?: string; failed?: string } = {},
) {
  const found = await world.admin.get(sourceRef(world), soon())
  const message = stalled ?? failed ?? 'stored artifact'
  const conditions = [
    condition('Ready', stalled || failed ? 'False' : 'True', { message, generation: found?.metadata.generation }),
    ...(stalled ? [condition('Stalled', 'True', { message, generation: found?.metadata.generation })] : []),
  ]
  const artifact = {
    revision: `main@sha1:${commit}`,
    digest: `sha256:${'0'.repeat(64)}`,
    path: 'gitrepository/x.tar.gz',
    url: 'http://127.0.0.1:1/x.tar.gz',
    lastUpdateTime: new Date().toISOString(),
  }
  const lastHandledReconcileAt = found?.metadata.annotations?.[requestedAnnotation]
  const status = { observedGeneration: found?.metadata.generation, conditions, artifact, lastHandledReconcileAt }
  await writeStatus(world, sourceRef(world), status)
}

interface Outcome {
  readonly applied: string
  readonly attempted?: string
  readonly failed?: string
  readonly generation?: number
  readonly minutesAgo?: number
}

/** As kustomize-controller writes it. */
async function reconciled(world: FluxWorld, { applied, attempted = applied, failed, ...more }: Outcome) {
  const found = await world.admin.get(kustomizationOf(world), soon())
  const generation = more.generation ?? found?.metadata.generation
  const at = new Date(Date.now() - (more.minutesAgo ?? 0) * 60_000).toISOString()
  const status = {
    observedGeneration: generation,
    conditions: [condition('Ready', failed ? 'False' : 'True', { message: failed ?? `Applied revision`, generation })],
    lastAppliedRevision: `main@sha1:${applied}`,
    lastAttemptedRevision: `main@sha1:${attempted}`,
    lastHandledReconcileAt: found?.metadata.annotations?.[requestedAnnotation],
    history: [
      {
        digest: `sha256:${'1'.repeat(64)}`,
        firstReconciled: at,
        lastReconciled: at,
        lastReconciledDuration: '1s',
        lastReconciledStatus: failed ? 'ReconciliationFailed' : 'ReconciliationSucceeded',
        totalReconciliations: 1,
      },
    ],
  }
  await writeStatus(world, kustomizationOf(world), status)
}

function condition(
  type: string,
  status: 'True' | 'False',
  { message, generation }: { message: string; generation: number | undefined },
) {
  const reason = status === 'True' ? 'ReconciliationSucceeded' : 'ReconciliationFailed'
  return { type, status, reason, message, observedGeneration: generation, lastTransitionTime: new Date().toISOString() }
}

async function writeStatus(world: FluxWorld, ref: ObjectRef, status: object): Promise<void> {
  const { must, found } = clusterCalls({ kubeconfig: world.options.kubeconfig, context: undefined })
  const resource = await found.need(ref, soon())
  const path = `${resource.path(ref)}/status`
  const request = { method: 'PATCH', path, body: { status }, contentType: 'application/merge-patch+json' } as const
  await must(request, { verb: 'patch', resource: `${resource.fullName}/status` }, soon())
}

/** What kustomize-controller would do with a commit’s folder. */
async function applyFolder(world: FluxWorld, commit: string): Promise<void> {
  for (const object of wantedObjects(new Map(Object.entries(published.get(commit) ?? {}))))
    await world.admin.apply(object, { force: true }, soon())
}

async function isRolledOut(world: FluxWorld): Promise<void> {
  const of = { namespace: world.namespace, name: 'shop' }
  await waitUntil(async () => (await readWorkload(world.admin, of, soon())).rollout === 'complete', {
    what: 'the rollout',
    ms: 90_000,
    everyMs: 200,
  })
}

const isHealthyAt = (commit: string) => (now: LiveStatus) =>
  now.sync === 'synced' && now.health === 'healthy' && now.liveCommit === commit

async function settled(
  world: FluxWorld,
  is: (now: LiveStatus) => boolean,
  delivery = world.delivery,
): Promise<LiveStatus> {
  let last: LiveStatus | undefined
  return waitUntil(
    async () => {
      last = await delivery.status(placeIn(world), soon())
      return is(last) ? last : undefined
    },
    { what: 'the status', ms: 90_000, everyMs: 200 },
  ).catch((cause: unknown) => {
    throw new Error(`the last status was ${JSON.stringify(last)}`, { cause })
  })
}
