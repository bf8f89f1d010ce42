import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readVerdict } from './read-verdict.ts'

const finding = { policy: 'a', severity: 'deny', message: 'm', at: 'x', why: 'w', fix: 'f' }
const answerOf = (result: unknown) => ({ result: JSON.stringify(result), millis: 1 })
const verdict = (given: object) => [{ result: { allowed: true, findings: [], policies: ['a'], ...given } }]

test('a whole and consistent answer is taken as it is', () => {
  const allowed = readVerdict(answerOf(verdict({})), ['a'])
  const warned = readVerdict(answerOf(verdict({ findings: [{ ...finding, severity: 'warn' }] })), ['a'])
  const denied = readVerdict(answerOf(verdict({ allowed: false, findings: [finding] })), ['a'])

  assert.deepEqual([allowed.allowed, warned.allowed, denied.allowed], [true, true, false])
  assert.deepEqual(denied.findings, [finding])
})

for (const [what, given] of Object.entries({
  'no result': [],
  'two results': [...verdict({}), ...verdict({})],
  null: null,
  'an object': {},
  'an empty verdict': [{ result: {} }],
  'a bare boolean': [{ result: true }],
  'a word for allowed': verdict({ allowed: 'true' }),
  'a number for allowed': verdict({ allowed: 1 }),
  'nothing for allowed': verdict({ allowed: null }),
  'findings that are no list': verdict({ findings: {} }),
  'a finding without fix': verdict({ allowed: false, findings: [{ ...finding, fix: undefined }] }),
  'a finding of unknown severity': verdict({ findings: [{ ...finding, severity: 'info' }] }),
  'a field nobody knows': verdict({ override: true }),
  'a pass beside a denial': verdict({ findings: [finding] }),
  'a denial without a finding': verdict({ allowed: false }),
  'a rule that did not answer': verdict({ policies: [] }),
  'another rule in its place': verdict({ policies: ['b'] }),
  'a rule too many': verdict({ policies: ['a', 'b'] }),
})) {
  test(`an answer with ${what} is a denial by the engine`, () => {
    const { allowed, findings } = readVerdict(answerOf(given), ['a'])

    assert.equal(allowed, false)
    assert.deepEqual(
      findings.map(({ policy, severity }) => [policy, severity]),
      [['engine', 'deny']],
    )
  })
}
