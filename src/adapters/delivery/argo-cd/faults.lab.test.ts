import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gitText } from '#lib/git/run-git.ts'
import type { Delivery, LiveStatus, Place } from '#ports/delivery.ts'
import { alive } from '../../../../lab/run/engine-process.ts'
import { openLab } from '../../../../lab/run/lab-place.ts'
import { accountWith } from '../../../../testing/kubernetes/account.ts'
import { argoCdWorld, type ArgoCdWorld } from '../../../../testing/kubernetes/argo-cd-world.ts'
import { clusterGate } from '../../../../testing/kubernetes/cluster-gate.ts'
import { pushTinyImage } from '../../../../testing/kubernetes/tiny-image.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { manifestsFor } from '../../../ports/delivery.contract.ts'
import { checkConnection } from './check-connection.ts'

const lab = await labFacts('argo-cd')
const registry = await labFacts('registry')
const soon = () => AbortSignal.timeout(20_000)

describe('delivery: argo-cd in trouble', { skip: lab.skip || registry.skip, concurrency: 1, timeout: 400_000 }, () => {
  test('argo-cd: a cluster that is away during a rollout is unknown, never healthy, and sees one rollout once it is back', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const gate = await clusterGate(t, world.options.kubeconfig ?? '')
    const through = world.adapter({ kubeconfig: gate.kubeconfig })
    const place = placeIn(world)
    await settled(through, place, isHealthyAt(await deploy(world, '1.0.0')))
    gate.close()

    const commit = await deploy(world, '2.0.0')

    const away = await through.status(place, soon())
    assert.deepEqual([away.sync, away.health, away.liveCommit], ['unknown', 'unknown', undefined])
    assert.match(away.reason ?? '', /CLUSTER_UNREACHABLE/)
    assert.equal((await through.differences(place, soon())).kind, 'unknown')
    gate.open()
    await settled(through, place, isHealthyAt(commit))
    assert.equal(await revisionOf(world, place), '2')
    assert.equal(await deliveries(world, place), 2)
  })

  test('argo-cd: a cluster that is away during a rollback is unknown, never healthy, and is back at the old version once it is back', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const gate = await clusterGate(t, world.options.kubeconfig ?? '')
    const through = world.adapter({ kubeconfig: gate.kubeconfig })
    const place = placeIn(world)
    await settled(through, place, isHealthyAt(await deploy(world, '1.0.0')))
    await settled(through, place, isHealthyAt(await deploy(world, '2.0.0')))
    gate.close()

    const back = await deploy(world, '1.0.0')

    for (let times = 0; times < 3; times += 1) {
      const away = await through.status(place, soon())
      assert.deepEqual([away.sync, away.health, away.liveCommit], ['unknown', 'unknown', undefined])
      assert.match(away.reason ?? '', /CLUSTER_UNREACHABLE/)
    }
    gate.open()
    const { version } = await settled(through, place, isHealthyAt(back))
    assert.equal(version, '1.0.0')
    assert.equal(await revisionOf(world, place), '3')
    assert.equal(await deliveries(world, place), 3)
  })

  test('argo-cd: a controller that lags is told as unknown, no second commit is made, and the rollout ends once it is back', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const impatient = world.adapter({ lagSeconds: 3 })
    const place = placeIn(world)
    await settled(world.delivery, place, isHealthyAt(await deploy(world, '1.0.0')))
    const controller = await alive(openLab(() => {}).folder, 'argo-cd-application-controller')
    assert.ok(controller)
    t.after(() => process.kill(controller.pid, 'SIGCONT'))
    process.kill(controller.pid, 'SIGSTOP')

    const commit = await deploy(world, '2.0.0')

    const early = await impatient.status(place, soon())
    assert.notEqual(early.liveCommit, commit)
    assert.notEqual(early.sync, 'synced')
    const late = await settled(impatient, place, ({ sync }) => sync === 'unknown')
    assert.match(late.reason ?? '', /controller.*(has not|lags)/)
    assert.notEqual(late.liveCommit, commit)
    for (let times = 0; times < 3; times += 1) await impatient.refresh(world.environment, soon())
    assert.equal(await deliveries(world, place), 2)
    process.kill(controller.pid, 'SIGCONT')
    await settled(world.delivery, place, isHealthyAt(commit))
    assert.equal(await revisionOf(world, place), '2')
  })

  test('argo-cd: a program that ends at once fails the rollout with CrashLoopBackOff and its exit code', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const place = placeIn(world)

    await deploy(world, '1.0.0', { exit: 7 })

    const { rolloutFailure, health, liveCommit } = await settled(world.delivery, place, (now) => !!now.rolloutFailure)
    assert.match(rolloutFailure ?? '', /exit code 7/)
    assert.deepEqual([health, liveCommit], ['degraded', undefined])
  })

  test('argo-cd: a kind that the project does not allow is refused by Argo CD and named', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const place = placeIn(world)
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'more', namespace: world.namespace },
      rules: [],
    }

    await deploy(world, '1.0.0', { files: { 'role.yaml': JSON.stringify(role) } })

    const { rolloutFailure } = await settled(world.delivery, place, (now) => !!now.rolloutFailure)
    assert.match(rolloutFailure ?? '', /Role/)
    assert.match(rolloutFailure ?? '', /not permitted in project/)
  })

  test('argo-cd: a missing permission is named by verb and resource, by the status and by the check', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const rules = [{ apiGroups: ['argoproj.io'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]
    const place = placeIn(world)
    await settled(world.delivery, place, isHealthyAt(await deploy(world, '1.0.0')))
    const token = await accountWith(t, world.admin, { namespace: world.namespace, name: 'reader', rules })
    const { kubeconfig } = await clusterGate(t, world.options.kubeconfig ?? '', { token })

    const status = await world.adapter({ kubeconfig }).status(place, soon())

    assert.deepEqual([status.sync, status.health], ['unknown', 'unknown'])
    assert.match(status.reason ?? '', /CLUSTER_FORBIDDEN: our account may not get deployments\.apps/)
    const findings = await checkConnection({ ...world.options, kubeconfig })
    const missing = findings.filter(({ state }) => state === 'missing').map(({ found }) => found)
    assert.ok(missing.includes('our account may not get, list deployments.apps'), missing.join('\n'))
    assert.ok(missing.some((found) => found.includes('may not patch applications.argoproj.io in argocd')))
    const own = await checkConnection(world.options)
    assert.deepEqual(
      own.filter(({ state }) => state !== 'ok'),
      [],
    )
  })

  test('argo-cd: bootstrapping twice changes nothing, a dry run neither, and no answer holds the credential', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    await waitUntil(() => again(world, true), { what: 'nothing to be left to do', ms: 20_000 })

    const applied = await world.delivery.bootstrap?.(world.environment, { dryRun: false }, soon())

    assert.deepEqual(
      applied?.map(({ name, change }) => [name.split(' ')[0], change]),
      [
        ['Secret', 'none'],
        ['AppProject', 'none'],
        ['Application', 'none'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(applied), new RegExp(world.git.remote.password))
    const other = await world.delivery.bootstrap?.('elsewhere', { dryRun: true }, soon())
    assert.ok(other?.some(({ name, change }) => name.endsWith('fairway-elsewhere') && change === 'created'))
    const kind = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }
    assert.equal(await world.admin.get({ ...kind, name: 'fairway-elsewhere' }, soon()), undefined)
  })

  test('argo-cd: detaching takes away what was deployed there, a dry run nothing, and the next bootstrap brings it back', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    const { admin, delivery, environment } = world
    const place = placeIn(world)
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.namespace, name: 'shop' }
    const detach = (dryRun: boolean) => delivery.detach?.(environment, { dryRun }, soon()) ?? []
    const commit = await deploy(world, '1.0.0')
    await settled(delivery, place, isHealthyAt(commit))
    const named = (await detach(true)).map(({ name }) => name.replaceAll(environment, 'ENV'))
    assert.deepEqual(named.slice(0, 4), [
      'Application argocd/ENV.shop',
      'AppProject argocd/team-a-ENV',
      'Application argocd/fairway-ENV',
      'AppProject argocd/clusters.ENV',
    ])
    assert.match(named[4] ?? '', /^Secret argocd\/fairway-delivery-/)
    assert.ok(await admin.get(deployment, soon()))

    await detach(false)
    await detach(false)

    const over = async () => (await detach(true)).length === 0
    await waitUntil(over, { what: 'nothing to be left', ms: 180_000, everyMs: 1_000 })
    assert.equal(await admin.get(deployment, soon()), undefined)
    assert.deepEqual(await detach(false), [])
    await delivery.bootstrap?.(environment, { dryRun: false }, soon())
    await settled(delivery, place, isHealthyAt(commit))

    const root = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: world.options.namespace }
    await admin.delete({ ...root, name: `fairway-${environment}` }, soon())
    assert.ok((await detach(true)).length > 0, 'what a hand left behind is named')
    await detach(false)
    await waitUntil(over, { what: 'nothing to be left', ms: 180_000, everyMs: 1_000 })
    assert.equal(await admin.get(deployment, soon()), undefined)
  })
})

async function again(world: ArgoCdWorld, dryRun: boolean): Promise<boolean> {
  const applied = await world.delivery.bootstrap?.(world.environment, { dryRun }, soon())
  return applied?.every(({ change }) => change === 'none') ?? false
}

function placeIn({ environment }: ArgoCdWorld): Place {
  return { environment, service: 'shop' }
}

async function deploy(
  { publish, delivery, environment }: ArgoCdWorld,
  version: string,
  { exit, files }: { exit?: number; files?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const place = { environment, service: 'shop' }
  const behaviour = { version, ready: 200, ...(exit !== undefined && { exit }) }
  const image = await pushTinyImage(registry.facts['registry'] ?? '', behaviour)
  const commit = await publish(place, { ...manifestsFor(place, { image, replicas: 1, version }), ...files })
  await delivery.refresh(environment, soon())
  return commit
}

const isHealthyAt = (commit: string) => (now: LiveStatus) =>
  now.sync === 'synced' && now.health === 'healthy' && now.liveCommit === commit

async function settled(delivery: Delivery, place: Place, is: (now: LiveStatus) => boolean): Promise<LiveStatus> {
  let last: LiveStatus | undefined
  return waitUntil(
    async () => {
      last = await delivery.status(place, soon())
      return is(last) ? last : undefined
    },
    { what: 'the status', ms: 90_000, everyMs: 200 },
  ).catch((cause: unknown) => {
    throw new Error(`the last status was ${JSON.stringify(last)}`, { cause })
  })
}

/** How many rollouts the Deployment has seen. */
async function revisionOf({ admin, namespace }: ArgoCdWorld, { service: name }: Place): Promise<string | undefined> {
  const found = await admin.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }, soon())
  return found?.metadata.annotations?.['deployment.kubernetes.io/revision']
}

/** How many commits of the delivery repository touch the place. */
async function deliveries({ git, environment }: ArgoCdWorld, { service }: Place): Promise<number> {
  const lines = await gitText(git.repo, ['rev-list', 'main', '--', `envs/${environment}/${service}`])
  return lines.trim().split('\n').length
}
