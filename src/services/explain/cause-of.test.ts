import assert from 'node:assert/strict'
import { test } from 'node:test'
import { causeOf, type Failed } from './cause-of.ts'

const rollout = (detail: string) => sayOf({ code: 'ROLLOUT_FAILED', detail })

test('what a cluster says of a rollout is understood as what the embedded runtime says', () => {
  assert.deepEqual(rollout('Readiness probe failed: dial tcp 10.0.0.7:9090: connect: connection refused'), {
    kind: 'wrong-port',
    sentence: 'shop never became ready in dev: nothing listens on port 9090, which its probe asks.',
  })
  assert.equal(rollout('Readiness probe failed: HTTP probe failed with statuscode: 404').kind, 'probe')
  assert.equal(rollout('container app was OOMKilled').kind, 'memory')
  assert.equal(rollout('CrashLoopBackOff: back-off restarting failed container').kind, 'crash')
  assert.equal(rollout('ImagePullBackOff: manifest unknown').kind, 'image')
})

test('the first test that fails is named, whichever reporter told it', () => {
  const facts = (line: string) => ({ step: 'unit-test', tail: ['ok 1 - adds', line, 'exit 1'] })
  for (const line of ['✖ rounds half up (3.1ms)', 'not ok 2 - rounds half up', '  ● rounds half up'])
    assert.match(
      sayOf({ code: 'PIPELINE_FAILED', detail: 'step `unit-test` failed: exit 1', facts: facts(line) }).sentence,
      /^The test “rounds half up” of shop fails \(pipeline step “unit-test”\): exit 1\.$/,
    )
})

test('no sentence tells a path of the machine', () => {
  const detail = "step publish failed: ENOTDIR: not a directory, mkdir '/srv/fairway/data/artifacts/blobs'"

  const { kind, sentence } = sayOf({ code: 'STEP_FAILED', detail }, { name: 'publish', title: 'Publish image' })

  assert.deepEqual(
    [kind, sentence],
    ['artefacts', 'The artefact store cannot be used: “Publish image” got ENOTDIR: not a directory.'],
  )
})

test('what nobody foresaw is still one sentence with the step and its own words', () => {
  assert.deepEqual(sayOf({ code: 'SUPERSEDED', detail: 'dev already has the newer 1.2.0' }), {
    kind: 'other',
    sentence: 'Roll out failed: dev already has the newer 1.2.0.',
  })
})

function sayOf(problem: Failed['problem'], step = { name: 'watch-rollout', title: 'Roll out' }) {
  return causeOf({ service: 'shop', environment: 'dev', commit: 'abc123abc123', step, problem })
}
