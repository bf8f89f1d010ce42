import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { BundleFile, bundleFromFolder, policiesOf, readSources, sourcesDigest } from '#adapters/policy/local/bundle.ts'
import { findOpa } from '#adapters/policy/local/find-opa.ts'
import { localPolicy } from '#adapters/policy/local/local.ts'
import { Gate, Verdict } from '#model/verdict.ts'
import { policyBundle } from '../../tools/generate/policy-bundle.ts'

const folder = fileURLToPath(new URL('../../policies', import.meta.url))

/** `policies/<id>/examples/*.json`. */
const Example = z.strictObject({
  title: z.string().min(5),
  gate: Gate,
  environment: z.string(),
  input: z.record(z.string(), z.unknown()),
  expect: z.strictObject({
    allowed: z.boolean(),
    findings: z.array(z.strictObject({ at: z.string(), message: z.string() })),
  }),
})

test('the committed bundle was made from the committed rules', async () => {
  const sources = await readSources(folder)
  const recorded = BundleFile.parse(JSON.parse(await readFile(join(folder, 'bundle.json'), 'utf8')))

  assert.equal(recorded.digest, sourcesDigest(sources), 'run `npm run generate` where opa is installed')
  assert.deepEqual(recorded.policies, policiesOf(sources))
})

test('compiling the rules again gives the committed bundle, byte for byte', async (t) => {
  const made = await policyBundle(folder)
  if (!made) return t.skip('opa is not installed')
  const recorded = BundleFile.parse(JSON.parse(await readFile(join(folder, 'bundle.json'), 'utf8')))
  if (made.file.opa !== recorded.opa) return t.skip(`opa is ${made.file.opa}, the bundle was made with ${recorded.opa}`)

  assert.deepEqual(made.file, recorded)
  assert.ok(Buffer.from(made.wasm).equals(await readFile(join(folder, 'bundle.wasm'))))
})

test('the rules are strict, formatted, and their tests pass', async (t) => {
  const opa = await findOpa()
  if (!opa) return t.skip('opa is not installed')
  const rules = (await readSources(folder)).flatMap(({ path }) => (path.endsWith('.rego') ? [join(folder, path)] : []))
  const capabilities = ['--capabilities', join(folder, 'capabilities.json')]
  const run = (...args: string[]) => promisify(execFile)(opa, args, { env: {} })

  await run('check', '--strict', ...capabilities, ...rules)
  await run('fmt', '--fail', '--list', ...rules)
  const { stdout } = await run('test', '--format', 'json', ...capabilities, ...rules)

  assert.ok((JSON.parse(stdout) as unknown[]).length > 50)
})

// OPA evaluates the arguments of a negated call before the negation: one that is undefined makes the whole body
// undefined, and a rule that should have denied says nothing. A name of a local value cannot be undefined.
test('no rule negates a call whose argument may be missing', async () => {
  const rules = (await readSources(folder)).filter(({ path }) => path.endsWith('.rego') && !path.endsWith('_test.rego'))

  const risky = rules.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const [, negated] = /^(?!\s*#).*\bnot (.+?)( \{)?$/.exec(withoutTexts(line)) ?? []
      return negated === undefined || isSafeToNegate(negated) ? [] : [`${path}:${index + 1}: ${line.trim()}`]
    }),
  )

  assert.deepEqual(risky, [])
})

test('each rule has examples of what it allows and what it denies, and they hold', async (t) => {
  const policy = await shippedPolicy(t)

  for (const { metadata } of policy.bundle().policies) {
    const examples = await examplesOf(metadata.name)
    const allowed = new Set(examples.map(({ expect }) => expect.allowed))
    assert.deepEqual(allowed, new Set([false, true]), `${metadata.name} needs examples of both kinds`)
    for (const { title, expect, ...question } of examples) {
      const { findings } = Verdict.parse(await policy.evaluate(question))
      const own = findings.filter((finding) => finding.policy === metadata.name)
      const said = own.map(({ at, message }) => ({ at, message }))
      assert.deepEqual(said, expect.findings, `${metadata.name}: ${title}`)
      assert.equal(own.length === 0, expect.allowed, `${metadata.name}: ${title}`)
    }
  }
})

test('an example breaks no other rule than its own', async (t) => {
  const policy = await shippedPolicy(t)

  for (const { metadata } of policy.bundle().policies) {
    for (const { title, gate, environment, input } of await examplesOf(metadata.name)) {
      const { findings } = await policy.evaluate({ gate, environment, input })
      const others = findings.filter((finding) => finding.policy !== metadata.name)
      assert.deepEqual(others, [], `${metadata.name}: ${title}`)
    }
  }
})

test('a bundle whose WebAssembly was exchanged is not loaded', async (t) => {
  const other = await mkdtemp(join(tmpdir(), 'fairway-bundle-'))
  t.after(() => rm(other, { recursive: true, force: true }))
  const wasm = await readFile(join(folder, 'bundle.wasm'))
  wasm[wasm.length - 1] = (wasm.at(-1) ?? 0) ^ 1
  await writeFile(join(other, 'bundle.wasm'), wasm)
  await writeFile(join(other, 'bundle.json'), await readFile(join(folder, 'bundle.json')))

  await assert.rejects(bundleFromFolder(other), { code: 'POLICY_INVALID' })
})

function withoutTexts(line: string): string {
  return line.replaceAll(/"(\\.|[^"\\])*"|`[^`]*`/g, '""')
}

function isSafeToNegate(negated: string): boolean {
  const isCallOfNames = /^[a-z_.]+(\((""|[a-z_]+)(, (""|[a-z_]+))*\))?$/.test(negated)
  const isComparison = /^[A-Za-z_.]+ == \w+$/.test(negated)
  const isMember = /^[a-z_]+ in \{[^}]*\}$/.test(negated)
  return isCallOfNames || isComparison || isMember
}

async function shippedPolicy(t: TestContext) {
  const policy = await localPolicy({ bundle: await bundleFromFolder(folder), deadlineMs: 2_000 })
  t.after(() => policy.close())
  return policy
}

async function examplesOf(policy: string): Promise<z.infer<typeof Example>[]> {
  const names = await readdir(join(folder, policy, 'examples'))
  return Promise.all(
    names.toSorted().map(async (name) => {
      const text = await readFile(join(folder, policy, 'examples', name), 'utf8')
      return Example.parse(JSON.parse(text))
    }),
  )
}
