import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { detectIsolation } from '#lib/isolation.ts'
import { type AgentLab, startAgentLab } from '../../../testing/agent/agent-lab.ts'
import { serverProgram } from '../../../testing/agent/images.ts'
import { secretServer } from '../../../testing/agent/secret-server.ts'
import { waitUntil } from '../../../testing/wait-until.ts'
import { manifestsFor } from '../../ports/delivery.contract.ts'

const shop = { environment: 'dev', service: 'shop' }
const canary = () => `canary-${crypto.randomUUID()}`
const isSandboxed = (await detectIsolation()).kind === 'sandbox'

test('a workload has its secret as a variable, and the agent’s folder has it nowhere in clear', async (t) => {
  const { lab, vault, publish } = await world(t)
  const value = canary()
  await vault.set(shop, 'db.password', value)

  await lab.deploy(shop, await publish())

  assert.equal(variables(await lab.get(shop, '/env'))['PASSWORD'], value)
  assert.deepEqual(await filesWith(join(lab.data, 'agent'), value), [])
  assert.deepEqual((await lab.status(shop)).secrets, { 'db.password': 1 })
})

test('a workload has its secret as a file for its user alone, which is gone when it stops', {
  skip: !isSandboxed && 'files need bwrap',
}, async (t) => {
  const { lab, vault, publish } = await world(t)
  const value = canary()
  await vault.set(shop, 'db.password', value)

  await lab.deploy(shop, await publish({ file: true }))

  const { body } = await lab.get(shop, '/file')
  assert.deepEqual(JSON.parse(body), { text: value, mode: '400', own: true })
  assert.ok((await filesWith('/dev/shm', value)).length > 0, 'the search finds what is there')
  assert.deepEqual([...(await filesWith(lab.work, value)), ...(await filesWith(lab.data, value))], [])
  await lab.publish(shop, undefined)
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
  await waitUntil(async () => (await filesWith('/dev/shm', value)).length === 0, { what: 'the file to be gone' })
})

test('a missing secret is the reason, with the command that mends it; once set, the same commit is rolled out', async (t) => {
  const { lab, vault, publish } = await world(t)
  const commit = await lab.publish(shop, await publish())
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
  const { rolloutFailure } = await waitUntil(async () => failed(await lab.status(shop)), { what: 'the reason' })
  assert.match(
    rolloutFailure ?? '',
    /secret db\.password is not set in dev; fairway secret set db\.password --service shop --env dev/,
  )

  await vault.set(shop, 'db.password', canary())
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))

  const status = await healthy(lab, 1)
  assert.deepEqual([status.liveCommit, status.rolloutFailure], [commit, undefined])
})

test('a new version is rolled out without a gap; one that the workload refuses leaves the old one running', async (t) => {
  const { lab, vault, publish } = await world(t)
  await vault.set(shop, 'db.password', 'first good value')
  await lab.deploy(shop, await publish())
  const answers: number[] = []
  const asking = setInterval(() => void lab.get(shop, '/').then(({ status }) => answers.push(status)), 50)
  t.after(() => clearInterval(asking))

  await vault.set(shop, 'db.password', 'second good value')
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
  await healthy(lab, 2)

  assert.equal(variables(await lab.get(shop, '/env'))['PASSWORD'], 'second good value')
  await vault.set(shop, 'db.password', 'wrong value')
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
  const status = await waitUntil(async () => failed(await lab.status(shop)), { what: 'the refusal', ms: 30_000 })
  clearInterval(asking)
  assert.deepEqual([status.secrets, status.replicas], [{ 'db.password': 2 }, { ready: 1, desired: 1 }])
  assert.ok(answers.length > 5)
  assert.deepEqual(
    answers.filter((answer) => answer !== 200),
    [],
  )
})

test('with the control plane dead and the agent killed, a new agent restarts the workload with its secret', async (t) => {
  const { lab, vault, publish } = await world(t)
  const value = canary()
  await vault.set(shop, 'db.password', value)
  await lab.deploy(shop, await publish())
  const [before = 0] = await lab.pids(shop)

  await vault.stop()
  await lab.cutSource()
  lab.agent.kill('SIGKILL')
  process.kill(-before, 'SIGKILL')
  await lab.startAgain()

  await waitUntil(async () => (await lab.get(shop, '/')).status === 200, {
    what: 'the workload to be back',
    ms: 20_000,
  })
  assert.ok(before > 1)
  assert.notEqual((await lab.pids(shop))[0], before)
  assert.equal(variables(await lab.get(shop, '/env'))['PASSWORD'], value)
})

test('what a workload says of its secret is masked in its files, in events and in the reason', async (t) => {
  const { lab, vault, publish } = await world(t)
  await vault.set(shop, 'db.password', 'first good value')
  await lab.deploy(shop, await publish())
  const value = `wrong-${canary()}`

  await vault.set(shop, 'db.password', value)
  await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))

  const { rolloutFailure } = await waitUntil(async () => failed(await lab.status(shop)), {
    what: 'the refusal',
    ms: 30_000,
  })
  assert.match(rolloutFailure ?? '', /Error: refused: \*{10,}/)
  const events = await lab.delivery.events(shop, 50, AbortSignal.timeout(5_000))
  assert.ok(!JSON.stringify(events).includes(value))
  await waitUntil(async () => (await filesWith(join(lab.data, 'agent'), value)).length === 0, {
    what: 'no trace on disk',
  })
})

test('an argument that would hold a secret, and the Secret of another service, are refused', async (t) => {
  const { lab, vault, publish } = await world(t)
  await vault.set(shop, 'db.password', canary())
  const reasonOf = async (wish: Wish) => {
    const commit = await lab.publish(shop, await publish(wish))
    await lab.delivery.refresh('dev', AbortSignal.timeout(10_000))
    const isIt = async () => {
      const now = failed(await lab.status(shop))
      return now?.wantedCommit === commit ? now.rolloutFailure : undefined
    }
    return waitUntil(isIt, { what: 'the refusal' })
  }

  assert.match(
    await reasonOf({ args: ['main.mjs', '--password=$(PASSWORD)'] }),
    /an argument would hold the secret PASSWORD/,
  )
  assert.match(await reasonOf({ object: 'billing-db' }), /it asks for Secret billing-db, which is not one of shop/)
})

interface Wish {
  readonly file?: boolean
  readonly args?: readonly string[]
  readonly object?: string
}

/** A vault, an agent, and manifests of a server that takes no password beginning with "wrong". */
async function world(t: TestContext) {
  const vault = await secretServer(t)
  const lab = await startAgentLab(t, { secrets: vault.access })
  const extra = `if (request.url === '/file') {
    const { mode, uid } = fs.statSync('/etc/shop/password')
    return response.end(JSON.stringify({ text: fs.readFileSync('/etc/shop/password', 'utf8'), mode: (mode & 0o777).toString(8), own: uid === process.getuid() }))
  }`
  const guard = `import fs from 'node:fs'
if (process.env.PASSWORD?.startsWith('wrong')) throw new Error('refused: ' + process.env.PASSWORD)`
  const image = await lab.images.put(`${guard}\n${serverProgram({ version: '1', extra })}`)
  const publish = async ({ file, args, object = 'shop-db' }: Wish = {}) => {
    const secretKeyRef = { name: object, key: 'password' }
    const env = [{ name: 'PORT', value: '8080' }, ...(file ? [] : [{ name: 'PASSWORD', valueFrom: { secretKeyRef } }])]
    const mount = { name: 'secret-0', mountPath: '/etc/shop/password', subPath: 'p', readOnly: true }
    const files = manifestsFor(shop, {
      image,
      version: '1',
      replicas: 1,
      container: { env, ...(args && { args }), volumeMounts: file ? [mount] : [] },
    })
    const deployment = JSON.parse(files['deployment.yaml'] ?? '')
    deployment.spec.template.spec.volumes = [
      { name: 'secret-0', secret: { secretName: object, items: [{ key: 'password', path: 'p', mode: 0o400 }] } },
    ]
    return { ...files, 'deployment.yaml': JSON.stringify(deployment) }
  }
  return { vault, lab, publish }
}

function variables({ body }: { body: string }): Record<string, string> {
  return JSON.parse(body) as Record<string, string>
}

async function healthy(lab: AgentLab, version: number) {
  return waitUntil(
    async () => {
      const now = await lab.status(shop)
      return now.health === 'healthy' && now.sync === 'synced' && now.secrets?.['db.password'] === version
        ? now
        : undefined
    },
    { what: `version ${version} to serve`, ms: 30_000 },
  )
}

function failed<T extends { rolloutFailure?: string }>(status: T): T | undefined {
  return status.rolloutFailure ? status : undefined
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const bytes = await readFile(join(parentPath, name)).catch(() => Buffer.alloc(0))
        return bytes.includes(text) ? [join(parentPath, name)] : []
      }),
  )
  return found.flat()
}
