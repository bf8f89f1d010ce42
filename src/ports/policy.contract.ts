import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { codeOf } from '#errors/platform-error.ts'
import type { CompiledBundle, Policy, PolicyQuestion, PolicySource } from './policy.ts'

/** An engine with the shipped rules in force, and their sources. */
export interface PolicyUnderTest {
  readonly policy: Policy
  readonly shipped: readonly PolicySource[]
}

/** What every policy engine promises. Promises about changed rules are skipped where the `opa` compiler is missing. */
export function describePolicy(product: string, make: (t: TestContext) => Promise<PolicyUnderTest>): void {
  const promise = (what: string, check: (given: PolicyUnderTest, t: TestContext) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t), t))

  promise('a change that breaks no rule is allowed, and every rule of the gate has answered', async ({ policy }) => {
    const verdict = await policy.evaluate(goodChange)

    assert.deepEqual([verdict.allowed, verdict.findings], [true, []])
    assert.equal(verdict.gate, 'change')
    const expected = policy.bundle().policies.filter(({ spec }) => spec.gates.includes('change') && anywhere(spec))
    assert.deepEqual(verdict.policies, expected.map(({ metadata }) => metadata.name).toSorted())
  })

  promise('a denial says what, where, why and how to fix it', async ({ policy }) => {
    const verdict = await policy.evaluate(changeOf({ ...service, metadata: { ...service.metadata, labels: {} } }))

    assert.equal(verdict.allowed, false)
    assert.equal(verdict.findings.length, 2)
    for (const finding of verdict.findings) {
      assert.equal(finding.policy, 'required-labels')
      assert.equal(finding.severity, 'deny')
      assert.match(finding.at ?? '', /^Service\/shop metadata\.labels/)
      for (const text of [finding.message, finding.why, finding.fix]) assert.ok(text.length > 20, text)
    }
  })

  promise('the form is judged with the same words as the change', async ({ policy }) => {
    const bare = { ...service, metadata: { ...service.metadata, labels: {} } }
    const input = {
      ...changeOf(bare).input,
      form: { name: 'shop', owner: 'team-a', template: 'http-api', answers: {} },
    }

    const [atForm, atChange] = await Promise.all([
      policy.evaluate({ gate: 'form', environment: 'dev', input }),
      policy.evaluate(changeOf(bare)),
    ])

    assert.deepEqual(atForm.findings, atChange.findings)
  })

  promise('the same question has the same digest whatever the order of its keys or the time', async ({ policy }) => {
    const reversed = Object.fromEntries(Object.entries(goodChange.input).toReversed())

    const first = await policy.evaluate({ ...goodChange, input: { ...goodChange.input, now: '2026-01-01T00:00:00Z' } })
    const second = await policy.evaluate({ ...goodChange, input: { ...reversed, now: '2026-02-01T00:00:00Z' } })

    assert.match(first.inputDigest, /^sha256:[0-9a-f]{64}$/)
    assert.equal(first.inputDigest, second.inputDigest)
    assert.equal(first.evaluatedAt, '2026-01-01T00:00:00Z')
    assert.equal(first.bundleDigest, policy.bundle().digest)
  })

  promise('another question, gate or environment has another digest', async ({ policy }) => {
    const questions: PolicyQuestion[] = [
      goodChange,
      { ...goodChange, gate: 'admission' },
      { ...goodChange, environment: 'staging', input: { ...goodChange.input, environment: { registries: [] } } },
      { ...goodChange, input: { ...goodChange.input, team: 'team-b' } },
    ]

    const verdicts = await Promise.all(questions.map((question) => policy.evaluate(question)))

    assert.equal(new Set(verdicts.map(({ inputDigest }) => inputDigest)).size, questions.length)
  })

  promise('many questions at once each get their own answer', async ({ policy }) => {
    const names = Array.from({ length: 60 }, (_, index) => `shop-${index}`)

    const verdicts = await Promise.all(
      names.map((name, index) => {
        const labels = index % 2 === 0 ? service.metadata.labels : {}
        return policy.evaluate(changeOf({ ...service, metadata: { ...service.metadata, name, labels } }))
      }),
    )

    for (const [index, verdict] of verdicts.entries()) {
      assert.equal(verdict.allowed, index % 2 === 0)
      for (const { at } of verdict.findings) assert.ok(at?.startsWith(`Service/${names[index]} `))
    }
  })

  promise('a question without anything to judge is denied', async ({ policy }) => {
    for (const input of [{}, { objects: [] }, { objects: 'all' }, { objects: [{}] }]) {
      const verdict = await policy.evaluate({ gate: 'change', environment: 'dev', input })
      assert.equal(verdict.allowed, false)
    }
  })

  promise('a question that is called off is not answered', async ({ policy }) => {
    const reason = new Error('called off')

    await assert.rejects(policy.evaluate(goodChange, AbortSignal.abort(reason)), reason)
  })

  for (const [what, verdict] of Object.entries(garbage)) {
    promise(`a rule set that answers with ${what} denies everything`, async ({ policy, shipped }, t) => {
      const compiled = await compileOrSkip(t, policy, withVerdict(shipped, verdict))
      if (!compiled) return
      await policy.use(compiled)

      for (const question of Array.from({ length: 20 }, () => goodChange)) {
        const given = await policy.evaluate(question)
        assert.equal(given.allowed, false)
        assert.deepEqual(
          given.findings.map(({ policy: name, severity }) => [name, severity]),
          [['engine', 'deny']],
        )
      }
    })
  }

  promise(
    'a rule that never ends is denied in time, and the next question is heard',
    async ({ policy, shipped }, t) => {
      const hangs = `verdict := {"allowed": true, "findings": [], "policies": []} if {
  some i in numbers.range(1, 20000); some j in numbers.range(1, 20000); i + j == input.never
}`
      const compiled = await compileOrSkip(t, policy, withVerdict(shipped, hangs))
      if (!compiled) return
      const before = await policy.compile(shipped)
      await policy.use(compiled)
      const began = performance.now()

      const late = await Promise.all([policy.evaluate(goodChange), policy.evaluate(goodChange)])

      assert.ok(performance.now() - began < 5_000)
      for (const { allowed } of late) assert.equal(allowed, false)
      await policy.use(before)
      assert.equal((await policy.evaluate(goodChange)).allowed, true)
    },
  )

  promise('changed rules are in force after the swap, and not a question is lost on the way', async (given, t) => {
    const { policy, shipped } = given
    const stricter = shipped.map((source) =>
      source.path === 'production-replicas/policy.yaml'
        ? { ...source, text: source.text.replace('environments: [production]', 'environments: []') }
        : source,
    )
    const compiled = await compileOrSkip(t, policy, stricter)
    if (!compiled) return
    const asking = Array.from({ length: 40 }, () => policy.evaluate(goodChange))

    await policy.use(compiled)
    const after = await policy.evaluate(goodChange)

    for (const verdict of await Promise.all(asking))
      assert.equal(verdict.policies.includes('production-replicas'), false)
    assert.equal(after.policies.includes('production-replicas'), true)
    assert.equal(after.bundleDigest, compiled.digest)
    assert.notEqual(after.bundleDigest, (await Promise.all(asking))[0]?.bundleDigest)
  })

  for (const [what, { rule, words }] of Object.entries(refused)) {
    promise(`a rule with ${what} does not compile, and the rules in force stay`, async ({ policy, shipped }, t) => {
      const before = policy.bundle().digest
      const broken = shipped.map((source) =>
        source.path === 'known-owner/rule.rego' ? { ...source, text: `${source.text}\n${rule}\n` } : source,
      )

      const error = await policy.compile(broken).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      )

      if (codeOf(error) === 'POLICY_COMPILER_MISSING') return t.skip('opa is not installed')
      assert.equal(codeOf(error), 'POLICY_INVALID')
      assert.match(error?.message ?? '', /known-owner\/rule(_test)?\.rego:\d+/)
      assert.match(error?.message ?? '', words)
      assert.equal(policy.bundle().digest, before)
    })
  }
}

const labels = { 'app.kubernetes.io/name': 'shop', 'fairway.dev/owner': 'team-a' }
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'team-a-dev', labels },
  spec: { ports: [{ port: 80 }] },
}

function changeOf(object: object): PolicyQuestion {
  const input = { environment: { registries: ['fairway.local'] }, team: 'team-a', teams: ['team-a'], objects: [object] }
  return { gate: 'change', environment: 'dev', input }
}

const goodChange = changeOf(service)

const garbage = {
  nothing: 'verdict if input.never',
  'an empty object': 'verdict := {}',
  'a bare boolean': 'verdict := true',
  'a word instead of a boolean': 'verdict := {"allowed": "true", "findings": [], "policies": []}',
  'a pass in which no rule took part': 'verdict := {"allowed": true, "findings": [], "policies": []}',
  'two verdicts at once':
    'verdict := {"allowed": true} if input.gate == "change"\n\nverdict := {"allowed": false} if input.team == "team-a"',
}

const refused = {
  'a call into the network': {
    rule: 'answer := http.send({"method": "GET", "url": "http://127.0.0.1"})',
    words: /undefined function http\.send/,
  },
  'a look at the clock': { rule: 'now := time.now_ns()', words: /undefined function time\.now_ns/ },
  'a look at the environment': { rule: 'env := opa.runtime().env', words: /undefined function opa\.runtime/ },
  'a syntax error': { rule: 'violation contains {', words: /rego_parse_error/ },
  'a name nobody knows': { rule: 'other := unknown_name', words: /rego_unsafe_var_error/ },
}

function anywhere({ environments }: { readonly environments: readonly string[] }): boolean {
  return environments.length === 0
}

/** The shipped rules with another verdict: what a mistaken or hostile change of the entry point would be. */
function withVerdict(shipped: readonly PolicySource[], verdict: string): PolicySource[] {
  const rest = shipped.filter(({ path }) => !path.startsWith('lib/verdict'))
  return [...rest, { path: 'lib/verdict.rego', text: `package fairway\n\n${verdict}\n` }]
}

async function compileOrSkip(
  t: TestContext,
  policy: Policy,
  sources: readonly PolicySource[],
): Promise<CompiledBundle | undefined> {
  try {
    return await policy.compile(sources)
  } catch (error) {
    if (codeOf(error) !== 'POLICY_COMPILER_MISSING') throw error
    t.skip('opa is not installed')
    return undefined
  }
}
