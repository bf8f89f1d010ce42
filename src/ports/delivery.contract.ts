import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Delivery, Differences, LiveDifference, LiveStatus, Place } from './delivery.ts'

/** A version of a workload, told apart by `version`. `never-ready` runs and answers 503 at /readyz. */
export interface WorkloadBehaviour {
  readonly version: string
  readonly kind: 'healthy' | 'never-ready'
}

export interface DeliveryUnderTest {
  readonly delivery: Delivery
  /** An environment that the runtime serves. */
  readonly environment: string
  /** An image with that behaviour, `<name>@sha256:…`, in a registry the runtime reads. */
  imageFor(behaviour: WorkloadBehaviour): Promise<string>
  /**
   * Makes the folder of the place exactly these files by one commit on the delivery repository's main branch, removes it
   * when undefined; gives the commit.
   */
  publish(place: Place, files: Readonly<Record<string, string>> | undefined): Promise<string>
  /** Makes the delivery repository unreachable for the runtime. */
  cutSource(): Promise<void>
  /** Changes what runs there without Git; left out where the runtime lets nobody. */
  tamper?(place: Place): Promise<void>
}

/** What every runtime promises. `make` gives one of its own for each test. */
export function describeDelivery(product: string, make: (t: TestContext) => Promise<DeliveryUnderTest>): void {
  const promise = (what: string, check: (world: World) => Promise<void>) =>
    void test(`${product}: ${what}`, { timeout: 180_000 }, async (t) => check(worldOf(await make(t))))

  promise('what nobody published is absent', async ({ settled }) => {
    const status = await settled(({ sync }) => sync === 'absent', 'absent')

    assert.equal(status.health, 'absent')
    assert.equal(status.liveCommit, undefined)
  })

  promise('a published version becomes synced and healthy with its commit', async ({ deploy, settled }) => {
    const commit = await deploy({ version: '1.0.0', kind: 'healthy' })

    const status = await settled(isHealthy(commit), 'healthy')

    assert.deepEqual([status.sync, status.wantedCommit, status.version], ['synced', commit, '1.0.0'])
    assert.deepEqual(status.replicas, { ready: 1, desired: 1 })
    assert.equal(status.rolloutFailure, undefined)
  })

  promise('a newer version takes the place of the older one', async ({ deploy, settled }) => {
    await settled(isHealthy(await deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')

    const commit = await deploy({ version: '2.0.0', kind: 'healthy' })

    assert.equal((await settled(isHealthy(commit), 'healthy')).version, '2.0.0')
  })

  promise('a version that never gets ready leaves the old one serving and says why', async ({ deploy, settled }) => {
    const good = await deploy({ version: '1.0.0', kind: 'healthy' })
    await settled(isHealthy(good), 'healthy')

    const bad = await deploy({ version: '2.0.0', kind: 'never-ready' })

    const status = await settled(({ rolloutFailure }) => rolloutFailure !== undefined, 'a failed rollout')
    assert.deepEqual([status.wantedCommit, status.liveCommit, status.version], [bad, good, '1.0.0'])
    assert.deepEqual(status.replicas, { ready: 1, desired: 1 })
    assert.match(status.rolloutFailure ?? '', /^it was not ready within \d+ s: .*(readyz.*503|503.*readyz)/i)
  })

  promise('a commit that restores the earlier version restores health', async ({ deploy, settled }) => {
    await settled(isHealthy(await deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')
    await deploy({ version: '2.0.0', kind: 'never-ready' })
    await settled(({ rolloutFailure }) => rolloutFailure !== undefined, 'a failed rollout')

    const back = await deploy({ version: '1.0.0', kind: 'healthy' })

    const status = await settled(isHealthy(back), 'healthy again')
    assert.deepEqual([status.version, status.rolloutFailure], ['1.0.0', undefined])
  })

  promise('what is removed from Git stops', async ({ deploy, remove, settled }) => {
    await settled(isHealthy(await deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')

    await remove()

    await settled(({ sync, health }) => sync === 'absent' && health === 'absent', 'absent')
  })

  promise('the number of replicas follows Git', async ({ deploy, settled, delivery }) => {
    if (!delivery.can.scalesReplicas) return
    await settled(isHealthy(await deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')

    const two = await deploy({ version: '1.0.0', kind: 'healthy' }, 2)

    assert.deepEqual((await settled(isHealthy(two), 'healthy')).replicas, { ready: 2, desired: 2 })
    const one = await deploy({ version: '1.0.0', kind: 'healthy' }, 1)
    assert.deepEqual((await settled(isHealthy(one), 'healthy')).replicas, { ready: 1, desired: 1 })
  })

  promise('sync is unknown, with the reason, while Git cannot be asked; what runs goes on', async (world) => {
    const commit = await world.deploy({ version: '1.0.0', kind: 'healthy' })
    await world.settled(isHealthy(commit), 'healthy')

    await world.cutSource()

    const status = await world.settled(({ sync }) => sync === 'unknown', 'unknown')
    assert.ok((status.reason ?? '').length > 0)
    assert.equal(status.liveCommit, commit)
  })

  promise('what runs as Git wants it differs in nothing, nor does what is absent', async (world) => {
    await world.settled(({ sync }) => sync === 'absent', 'absent')
    assert.deepEqual(await world.differences(), { kind: 'known', fields: [] })

    await world.settled(isHealthy(await world.deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')

    assert.deepEqual(await world.differences(), { kind: 'known', fields: [] })
  })

  promise('a rollout that failed is no difference: the status tells of it', async (world) => {
    await world.settled(isHealthy(await world.deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')
    await world.deploy({ version: '2.0.0', kind: 'never-ready' })

    await world.settled(({ rolloutFailure }) => rolloutFailure !== undefined, 'a failed rollout')

    assert.deepEqual(await world.differences(), { kind: 'known', fields: [] })
  })

  promise('differences are unknown, with the reason, while Git cannot be asked', async (world) => {
    await world.settled(isHealthy(await world.deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')

    await world.cutSource()

    await world.settled(({ sync }) => sync === 'unknown', 'unknown')
    const answer = await world.differences()
    assert.equal(answer.kind, 'unknown')
    assert.ok('reason' in answer && answer.reason.length > 0)
  })

  promise('what was changed behind its back differs, by field, until it is repaired', async (world) => {
    if (!world.tamper) return
    const commit = await world.deploy({ version: '1.0.0', kind: 'healthy' })
    await world.settled(isHealthy(commit), 'healthy')

    await world.tamper(world.place)

    const found = await world.untilDifferent()
    assert.ok(found.every(({ field, wanted, live }) => field.length > 0 && wanted !== live))
    await world.delivery.repair(world.place, AbortSignal.timeout(10_000))
    await world.untilSame()
    assert.equal((await world.settled(isHealthy(commit), 'healthy again')).version, '1.0.0')
  })

  promise('its objects and events can be read', async ({ deploy, settled, delivery, place }) => {
    await settled(isHealthy(await deploy({ version: '1.0.0', kind: 'healthy' })), 'healthy')

    const resources = await delivery.resources(place, AbortSignal.timeout(10_000))
    const events = await delivery.events(place, 5, AbortSignal.timeout(10_000))

    const deployment = resources.find(({ kind }) => kind === 'Deployment')
    assert.deepEqual(
      deployment?.instances.map(({ state }) => state),
      ['ready'],
    )
    assert.ok(events.length > 0 && events.length <= 5)
    assert.deepEqual(
      events.map(({ at }) => at),
      events
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
  })

  promise('who listens hears of a change without asking', async ({ deploy, delivery, place }) => {
    let heard = 0
    const stop = delivery.onChange((changed) => {
      if (changed.service === place.service && changed.environment === place.environment) heard += 1
    })
    try {
      await deploy({ version: '1.0.0', kind: 'healthy' })

      for (const end = performance.now() + 60_000; heard === 0 && performance.now() < end; ) await pause(50)
    } finally {
      stop()
    }
    assert.ok(heard > 0)
  })
}

interface World {
  readonly tamper: DeliveryUnderTest['tamper']
  differences(): Promise<Differences>
  untilDifferent(): Promise<readonly LiveDifference[]>
  untilSame(): Promise<void>
  readonly delivery: Delivery
  readonly place: Place
  /** Publishes and tells the runtime; gives the commit. */
  deploy(behaviour: WorkloadBehaviour, replicas?: number): Promise<string>
  remove(): Promise<void>
  cutSource(): Promise<void>
  settled(condition: (status: LiveStatus) => boolean, what: string): Promise<LiveStatus>
}

function worldOf({ delivery, environment, imageFor, publish, cutSource, tamper }: DeliveryUnderTest): World {
  const place = { environment, service: `contract-${crypto.randomUUID().slice(0, 8)}` }
  const refresh = () => delivery.refresh(environment, AbortSignal.timeout(60_000))
  const differences = () => delivery.differences(place, AbortSignal.timeout(10_000))
  const fieldsWhen = async (count: (found: number) => boolean, what: string) => {
    for (const end = performance.now() + 90_000; performance.now() < end; await pause(50)) {
      const now = await differences()
      if (now.kind === 'known' && count(now.fields.length)) return now.fields
    }
    throw new Error(`waited 90 s for ${what}`)
  }
  return {
    delivery,
    place,
    tamper,
    differences,
    untilDifferent: () => fieldsWhen((found) => found > 0, 'a difference'),
    untilSame: async () => void (await fieldsWhen((found) => found === 0, 'no difference')),
    async deploy(behaviour, replicas = 1) {
      const image = await imageFor(behaviour)
      const commit = await publish(place, manifestsFor(place, { image, replicas, version: behaviour.version }))
      await refresh()
      return commit
    },
    async remove() {
      await publish(place, undefined)
      await refresh()
    },
    async cutSource() {
      await cutSource()
      await refresh()
    },
    async settled(condition, what) {
      let status: LiveStatus | undefined
      for (const end = performance.now() + 90_000; performance.now() < end; await pause(50)) {
        status = await delivery.status(place, AbortSignal.timeout(10_000))
        if (condition(status)) return status
      }
      throw new Error(`waited 90 s for ${what}; the last status was ${JSON.stringify(status)}`)
    },
  }
}

function isHealthy(commit: string): (status: LiveStatus) => boolean {
  return ({ sync, health, liveCommit, replicas }) =>
    sync === 'synced' && health === 'healthy' && liveCommit === commit && replicas?.ready === replicas?.desired
}

export interface ManifestOptions {
  readonly image: string
  readonly version: string
  readonly replicas: number
  readonly deadlineSeconds?: number
  readonly env?: Readonly<Record<string, string>>
  /** Fields of the container, over the usual ones. */
  readonly container?: Readonly<Record<string, unknown>>
}

/** A folder of the delivery repository for a workload with /readyz on 8080. JSON is YAML. */
export function manifestsFor(place: Place, options: ManifestOptions): Record<string, string> {
  const { service, environment } = place
  const metadata = { name: service, namespace: `team-a-${environment}`, labels: { 'app.kubernetes.io/name': service } }
  const env = { PORT: '8080', FAIRWAY_RELEASE: options.version, ...options.env }
  const container = {
    name: 'app',
    image: options.image,
    ports: [{ containerPort: 8080, protocol: 'TCP' }],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    resources: { limits: { cpu: '500m', memory: '256Mi' } },
    readinessProbe: {
      httpGet: { path: '/readyz', port: 8080 },
      periodSeconds: 1,
      timeoutSeconds: 2,
      failureThreshold: 3,
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    ...options.container,
  }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: options.replicas,
      progressDeadlineSeconds: options.deadlineSeconds ?? 8,
      selector: { matchLabels: metadata.labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: metadata.labels },
        spec: { terminationGracePeriodSeconds: 5, containers: [container], volumes: [{ name: 'tmp', emptyDir: {} }] },
      },
    },
  }
  const ports = [{ name: 'www', port: 80, targetPort: 8080, protocol: 'TCP' }]
  const objects: Record<string, unknown> = {
    'deployment.yaml': deployment,
    'service.yaml': { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: metadata.labels, ports } },
    'service-account.yaml': { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    'kustomization.yaml': {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['deployment.yaml', 'service.yaml', 'service-account.yaml'],
    },
    'release.yaml': releaseFor(place, options),
  }
  return Object.fromEntries(Object.entries(objects).map(([path, object]) => [path, JSON.stringify(object, null, 2)]))
}

function releaseFor({ service, environment }: Place, { image, version }: ManifestOptions) {
  const digest = image.slice(image.indexOf('@') + 1)
  return {
    apiVersion: 'fairway.dev/v1',
    kind: 'Release',
    service,
    owner: 'team-a',
    environment,
    version,
    commit: '1'.repeat(40),
    image: image.slice(0, image.indexOf('@')),
    digest,
    configDigest: digest,
    renderer: '1',
    bundleDigest: digest,
    run: 'contract',
    requestedBy: 'dev',
  }
}
