import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { bundleFromFolder, readSources } from './bundle.ts'
import { startEnginePool } from './engine-pool.ts'
import { type EngineThread, startEngineThread } from './engine-thread.ts'
import { findOpa } from './find-opa.ts'
import { localPolicy, type LocalPolicyOptions } from './local.ts'

const folder = fileURLToPath(new URL('../../../../policies', import.meta.url))

test('a verdict that comes late is a denial, and the engine is replaced for the next', async (t) => {
  const policy = await shipped(t, { deadlineMs: 10, workers: 1 })
  const many = Array.from({ length: 1_200 }, () => service)

  const late = await policy.evaluate(changeOf(many))

  assert.equal(late.allowed, false)
  assert.deepEqual(
    late.findings.map(({ policy: name, message }) => [name, message]),
    [['engine', 'The engine gave no verdict within 10 ms.']],
  )
  await waitUntil(async () => (await policy.evaluate(changeOf([service]))).allowed, { what: 'a verdict in time' })
})

test('a question larger than the engine’s memory is a denial, and the next question is heard', async (t) => {
  const policy = await shipped(t, { deadlineMs: 10_000, workers: 1 })
  const padding = 'x'.repeat(65 * 1024 * 1024)

  const tooLarge = await policy.evaluate(changeOf([{ ...service, padding }]))
  const next = await policy.evaluate(changeOf([service]))

  assert.equal(tooLarge.allowed, false)
  assert.equal(tooLarge.findings[0]?.policy, 'engine')
  assert.match(tooLarge.findings[0]?.message ?? '', /failed/)
  assert.equal(next.allowed, true)
})

test('an input nested deep is judged, one nested without end is refused', async (t) => {
  const policy = await shipped(t, { workers: 1, deadlineMs: 5_000 })
  const secretWith = (depth: number) => {
    const nested = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown
    return changeOf([{ ...service, kind: 'Secret', nested }])
  }

  const verdict = await policy.evaluate(secretWith(500))

  assert.deepEqual(
    verdict.findings.map(({ policy: name }) => name),
    ['allowed-kinds'],
  )
  await assert.rejects(policy.evaluate(secretWith(200_000)), { code: 'INPUT_INVALID' })
})

test('an engine that is ended in the middle of a question gives no answer, and another takes its place', async (t) => {
  const threads: EngineThread[] = []
  const pool = await startEnginePool({
    startThread: async () => {
      const thread = await startShippedThread()
      threads.push(thread)
      return thread
    },
    size: 1,
    deadlineMs: 5_000,
  })
  t.after(() => pool.close())

  const asking = pool.ask(JSON.stringify({ gate: 'change', objects: Array.from({ length: 5_000 }, () => service) }))
  await setImmediate()
  await threads[0]?.end()

  assert.deepEqual(await asking, { none: 'The engine ended while it was asked.' })
  assert.ok('result' in (await pool.ask('{}')))
  assert.equal(threads.length, 2)
})

test('of a thousand changes, none passes while the engines are being killed', async (t) => {
  const threads = new Set<EngineThread>()
  const pool = await startEnginePool({
    startThread: async () => {
      const thread = await startShippedThread()
      threads.add(thread)
      return thread
    },
    size: 2,
    deadlineMs: 1_000,
  })
  t.after(() => pool.close())
  const bad = JSON.stringify({ ...changeOf([{ ...service, kind: 'Secret' }]).input, gate: 'change' })
  let none = 0

  for (let index = 0; index < 1_000; index += 1) {
    const asking = pool.ask(bad)
    if (index % 100 === 50) for (const thread of threads) void thread.end()
    const answer = await asking
    if ('none' in answer) none += 1
    else assert.equal(JSON.parse(answer.result)[0].result.allowed, false)
  }

  assert.ok(none > 0)
  assert.ok(none < 100)
})

test('when no engine can be had, questions are refused and not left waiting', async (t) => {
  let broken = false
  const threads: EngineThread[] = []
  const pool = await startEnginePool({
    startThread: async () => {
      if (broken) return startEngineThread({ module: undefined as never, data: {}, memoryPages: 1 })
      const thread = await startShippedThread()
      threads.push(thread)
      return thread
    },
    size: 1,
    deadlineMs: 1_000,
  })
  t.after(() => pool.close())
  broken = true
  await threads[0]?.end()

  await assert.rejects(pool.ask('{}'), { code: 'POLICY_UNAVAILABLE' })
  broken = false
  assert.ok('result' in (await pool.ask('{}')))
})

test('a closed engine answers nothing more', async (t) => {
  const policy = await shipped(t)
  await policy.close()

  await assert.rejects(policy.evaluate(changeOf([service])), { code: 'POLICY_UNAVAILABLE' })
})

test('a bundle that is not WebAssembly does not start, and does not replace the one in force', async (t) => {
  const policy = await shipped(t)
  const noise = { ...policy.bundle(), wasm: Buffer.from('noise'), data: {} }

  await assert.rejects(policy.use(noise), { code: 'POLICY_UNAVAILABLE' })
  await assert.rejects(localPolicy({ bundle: noise }), { code: 'POLICY_UNAVAILABLE' })

  assert.equal((await policy.evaluate(changeOf([service]))).allowed, true)
})

test('a question that contradicts itself about its environment is refused', async (t) => {
  const policy = await shipped(t)
  const question = changeOf([service])
  const input = { ...question.input, environment: { name: 'dev', registries: [] } }

  await assert.rejects(policy.evaluate({ ...question, environment: 'production', input }), { code: 'INPUT_INVALID' })
})

test('without the compiler, the error says how to get it', async (t) => {
  const policy = await shipped(t, { findCompiler: async () => undefined })

  await assert.rejects(policy.compile(await readSources(folder)), {
    code: 'POLICY_COMPILER_MISSING',
    hint: 'go install github.com/open-policy-agent/opa@v1.22.2',
  })
})

test('a path that leads out of the folder, or is data, is refused before anything is written', async (t) => {
  const policy = await shipped(t)
  const sources = await readSources(folder)

  for (const path of ['../x/rule.rego', '/tmp/rule.rego', 'lib/../../x.rego', 'lib/data.json', 'capabilities.json']) {
    await assert.rejects(policy.compile([...sources, { path, text: '' }]), { code: 'POLICY_INVALID' }, path)
  }
})

test('a policy.yaml that is wrong is named with its field', async (t) => {
  const policy = await shipped(t)
  const sources = await readSources(folder)
  const wrong = (from: string, to: string) =>
    sources.map((source) =>
      source.path === 'known-owner/policy.yaml' ? { ...source, text: source.text.replace(from, to) } : source,
    )

  const cases: [ReturnType<typeof wrong>, RegExp][] = [
    [wrong('severity: deny', 'severity: maybe'), /known-owner\/policy\.yaml: spec\.severity/],
    [wrong('name: known-owner', 'name: other'), /metadata\.name must be known-owner/],
    [sources.filter(({ path }) => path !== 'known-owner/policy.yaml'), /known-owner\/rule\.rego: a rule without/],
    [sources.filter(({ path }) => path !== 'known-owner/rule_test.rego'), /rule_test\.rego is missing/],
    [[], /there is no policy/],
  ]
  for (const [given, message] of cases) await assert.rejects(policy.compile(given), { code: 'POLICY_INVALID', message })
})

test('a rule whose own tests fail does not compile, and the failing test is named', async (t) => {
  if (!(await findOpa())) return t.skip('opa is not installed')
  const policy = await shipped(t)
  const failing = (await readSources(folder)).map((source) =>
    source.path === 'known-owner/rule_test.rego'
      ? { ...source, text: `${source.text}\ntest_never if 1 == 2\n` }
      : source,
  )

  const message = /^known-owner\/rule_test\.rego:\d+: .*test_never: FAIL/
  await assert.rejects(policy.compile(failing), { code: 'POLICY_INVALID', message })
})

test('the compiler gets no environment and no file but the rules', async (t) => {
  const bin = await mkdtemp(join(tmpdir(), 'fairway-opa-'))
  t.after(() => rm(bin, { recursive: true, force: true }))
  const opa = join(bin, 'opa')
  await writeFile(opa, `#!/bin/sh\n/usr/bin/env > ${bin}/env\nls -R > ${bin}/files\nexit 1\n`)
  await chmod(opa, 0o755)
  process.env['FAIRWAY_SECRET_FOR_TEST'] = 'secret'
  t.after(() => delete process.env['FAIRWAY_SECRET_FOR_TEST'])
  const policy = await shipped(t, { findCompiler: async () => opa })

  await assert.rejects(policy.compile(await readSources(folder)), { code: 'POLICY_INVALID' })

  assert.doesNotMatch(await readFile(join(bin, 'env'), 'utf8'), /FAIRWAY|HOME|secret/)
  assert.doesNotMatch(await readFile(join(bin, 'files'), 'utf8'), /policy\.yaml|\.json$(?<!data\.json)/m)
})

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'shop',
    namespace: 'team-a-dev',
    labels: { 'app.kubernetes.io/name': 'shop', 'fairway.dev/owner': 'team-a' },
  },
}

function changeOf(objects: readonly unknown[]) {
  const input = { environment: { name: 'dev', registries: [] }, team: 'team-a', teams: ['team-a'], objects }
  return { gate: 'change', input } as const
}

async function shipped(t: TestContext, options: Partial<LocalPolicyOptions> = {}) {
  const policy = await localPolicy({ bundle: await bundleFromFolder(folder), ...options })
  t.after(() => policy.close())
  return policy
}

async function startShippedThread(): Promise<EngineThread> {
  const { wasm, data } = await bundleFromFolder(folder)
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): Promise<never> } }
  return startEngineThread({ module: await WebAssembly.compile(wasm), data, memoryPages: 1024 })
}
