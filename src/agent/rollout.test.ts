import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startAgentLab, type AgentLab } from '../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../testing/agent/images.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { type ManifestOptions, manifestsFor } from '../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }

test('a version that ends at its start is given up after three times, with its last words', async (t) => {
  const { reasonFor } = await shopThatRuns(t)

  const reason = await reasonFor({ program: `throw new Error('no database at db:5432')` })

  assert.match(
    reason,
    /ended 3 times before it was ready; the last time it ended with exit code 1: Error: no database at db:5432$/,
  )
})

test('a fatal line logged as JSON counts as last words', async (t) => {
  const { reasonFor } = await shopThatRuns(t)
  const line = JSON.stringify({
    level: 'fatal',
    msg: 'stopped by an unexpected error',
    error: { message: 'PORT: too small' },
  })

  const reason = await reasonFor({ program: `console.log(${JSON.stringify(line)}); process.exitCode = 1` })

  assert.match(reason, /exit code 1: stopped by an unexpected error: PORT: too small$/)
})

test('a version that listens on another port is said to refuse the connection', async (t) => {
  const { reasonFor } = await shopThatRuns(t)

  const reason = await reasonFor({ program: `setInterval(() => {}, 1000)`, deadlineSeconds: 2 })

  assert.match(reason, /not ready within 2 s: GET \/readyz on port 8080 refused the connection/)
})

test('an image that is not there, or stands on another base, is refused by name', async (t) => {
  const { reasonFor, lab } = await shopThatRuns(t)

  assert.match(
    await reasonFor({ image: `fairway.local/team-a/lab@sha256:${'a'.repeat(64)}` }),
    /has no image team-a\/lab@sha256:a/,
  )
  const other = await lab.images.put(serverProgram({ version: 'x' }), { base: 'node-18.0.0' })
  assert.match(await reasonFor({ image: other }), /its image is built on node-18\.0\.0, this machine runs node-/)
})

test('a program that is not in the base is refused by name', async (t) => {
  const { reasonFor } = await shopThatRuns(t)

  assert.match(await reasonFor({ container: { command: ['/bin/sh', '-c', 'true'] } }), /starts \/bin\/sh/)
})

test('a first version that never gets ready leaves nothing running, and says so', async (t) => {
  const lab = await startAgentLab(t)
  const image = await lab.images.put(`process.exit(7)`)

  const commit = await lab.publish(shop, manifestsFor(shop, { image, version: '1', replicas: 1 }))
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))

  const status = await waitUntil(async () => failed(await lab.status(shop)), { what: 'the failed rollout' })
  assert.deepEqual([status.wantedCommit, status.liveCommit, status.health], [commit, undefined, 'degraded'])
  assert.match(status.reason ?? '', /exit code 7; nothing runs$/)
  await waitUntil(async () => (await lab.pids(shop)).length === 0, { what: 'no process' })
})

test('manifests that are no YAML leave the old version alone', async (t) => {
  const { lab } = await shopThatRuns(t)
  const image = await lab.images.put(serverProgram({ version: '2' }))
  const files = manifestsFor(shop, { image, version: '2', replicas: 1 })

  await lab.publish(shop, { ...files, 'deployment.yaml': 'kind: [' })
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))

  const status = await waitUntil(async () => failed(await lab.status(shop)), { what: 'the refusal' })
  assert.match(status.rolloutFailure ?? '', /deployment\.yaml line 1/)
  assert.equal((await lab.get(shop, '/')).body, 'good')
})

test('a newer commit supersedes a rollout under way', async (t) => {
  const { lab, publish } = await shopThatRuns(t)
  await publish({ program: serverProgram({ version: 'stuck', ready: 503 }), deadlineSeconds: 600, version: 'stuck' })
  await waitUntil(async () => (await lab.status(shop)).health === 'progressing', { what: 'the rollout to begin' })

  const commit = await publish({ program: serverProgram({ version: 'next' }), version: 'next' })

  const status = await waitUntil(
    async () => {
      const now = await lab.status(shop)
      return now.liveCommit === commit && now.health === 'healthy' ? now : undefined
    },
    { what: 'the newer version', ms: 20_000 },
  )
  assert.equal(status.version, 'next')
  await waitUntil(async () => (await lab.pids(shop)).length === 1, { what: 'the stuck version to be gone' })
})

test('a process that crashes is started again, and the page says how it ended', async (t) => {
  const { lab } = await shopThatRuns(t)

  await lab.get(shop, '/crash').catch(() => {})

  const instance = await waitUntil(
    async () => (await instancesOf(lab)).find(({ restarts, state }) => restarts === 1 && state === 'ready'),
    { what: 'the second start' },
  )
  assert.equal(instance.lastExit, 'it ended with exit code 3: Error: asked to crash')
  const events = await lab.delivery.events(shop, 20, AbortSignal.timeout(5_000))
  assert.ok(events.some(({ reason, level }) => reason === 'Crashed' && level === 'error'))
})

test('a process that no longer lives is ended and started again', async (t) => {
  const { lab, publish } = await shopThatRuns(t)
  const program = serverProgram({
    version: 'frozen',
    extra: `if (request.url === '/freeze') { response.end(); globalThis.frozen = true; return }
            if (request.url === '/livez') return response.writeHead(globalThis.frozen ? 500 : 200).end()`,
  })
  const livenessProbe = { httpGet: { path: '/livez', port: 8080 }, periodSeconds: 1, failureThreshold: 2 }
  await publish({ program, version: 'frozen', container: { livenessProbe } })
  await waitUntil(async () => (await lab.get(shop, '/')).body === 'frozen', { what: 'the version to serve' })

  await lab.get(shop, '/freeze')

  const instance = await waitUntil(
    async () => (await instancesOf(lab)).find(({ restarts, state }) => restarts === 1 && state === 'ready'),
    { what: 'the second start', ms: 20_000 },
  )
  assert.match(instance.lastExit ?? '', /no longer lived: GET \/livez on port 8080 answered 500 2 times in a row/)
})

test('a process over its memory limit is ended as out of memory and started again', async (t) => {
  const { lab, publish } = await shopThatRuns(t)
  const extra = `if (request.url === '/eat') { globalThis.kept = Buffer.alloc(200_000_000, 1); return response.end() }`
  const resources = { limits: { memory: '150Mi' } }
  await publish({ program: serverProgram({ version: 'hungry', extra }), version: 'hungry', container: { resources } })
  await waitUntil(async () => (await lab.get(shop, '/')).body === 'hungry', { what: 'the version to serve' })

  await lab.get(shop, '/eat').catch(() => {})

  const instance = await waitUntil(
    async () => (await instancesOf(lab)).find(({ restarts, state }) => restarts === 1 && state === 'ready'),
    { what: 'the second start', ms: 20_000 },
  )
  assert.match(instance.lastExit ?? '', /^out of memory: it used \d+ MiB, its limit is 150 MiB$/)
})

test('files of a ConfigMap are where the container expects them', async (t) => {
  const { lab } = await shopThatRuns(t)
  const extra = `if (request.url === '/file') return response.end((await import('node:fs')).readFileSync('/app/config/settings.txt'))`
  const program = serverProgram({ version: 'files', extra }).replace(
    '(request, response) =>',
    'async (request, response) =>',
  )
  const image = await lab.images.put(program.replace("'/app/config/", "process.cwd() + '/config/"))
  const volumeMounts = [{ name: 'files', mountPath: '/app/config/settings.txt', subPath: 'a', readOnly: true }]
  const files = manifestsFor(shop, { image, version: 'files', replicas: 1, container: { volumeMounts } })
  const deployment = JSON.parse(files['deployment.yaml'] ?? '')
  deployment.spec.template.spec.volumes = [
    { name: 'files', configMap: { name: 'shop-files', items: [{ key: 'k', path: 'a' }] } },
  ]
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop-files' }, data: { k: 'from the map' } }

  await lab.deploy(shop, {
    ...files,
    'deployment.yaml': JSON.stringify(deployment),
    'config-map.yaml': JSON.stringify(map),
    'kustomization.yaml': JSON.stringify({ resources: ['config-map.yaml', 'deployment.yaml', 'service.yaml'] }),
  })

  assert.equal((await lab.get(shop, '/file')).body, 'from the map')
})

type Wish = Partial<ManifestOptions> & { program?: string }

async function shopThatRuns(t: TestContext) {
  const lab = await startAgentLab(t)
  const good = await lab.images.put(serverProgram({ version: 'good' }))
  const live = await lab.deploy(shop, manifestsFor(shop, { image: good, version: 'good', replicas: 1 }))
  const publish = async ({ program, ...wish }: Wish) => {
    const image = wish.image ?? (await lab.images.put(program ?? serverProgram({ version: 'other' })))
    const commit = await lab.publish(shop, manifestsFor(shop, { version: 'other', replicas: 1, ...wish, image }))
    await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
    return commit
  }
  const reasonFor = async (wish: Wish) => {
    const commit = await publish(wish)
    const status = await waitUntil(
      async () => {
        const now = failed(await lab.status(shop))
        return now?.wantedCommit === commit ? now : undefined
      },
      { what: 'the failed rollout', ms: 30_000 },
    )
    assert.deepEqual([status.liveCommit, status.replicas?.ready, status.health], [live.liveCommit, 1, 'degraded'])
    assert.equal((await lab.get(shop, '/')).body, 'good')
    return status.rolloutFailure ?? ''
  }
  return { lab, publish, reasonFor }
}

async function instancesOf(lab: AgentLab) {
  const [deployment] = await lab.delivery.resources(shop, AbortSignal.timeout(5_000))
  return deployment?.instances ?? []
}

function failed<T extends { rolloutFailure?: string }>(status: T): T | undefined {
  return status.rolloutFailure ? status : undefined
}
