import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PlatformError } from '#errors/platform-error.ts'
import { type Probe, runProbes } from './run-probes.ts'

const probe = (ask: Probe['ask'], choice: Probe['choice'] = 'local'): Probe => ({ port: 'gitHost', choice, ask })

test('a product that hangs is a problem of its own, and the others are told all the same', async () => {
  const hangs = probe(() => new Promise(() => {}))
  const answers = probe(async () => [{ check: 'read', state: 'ok', found: 'readable' }])
  const [first, second] = await runProbes([hangs, answers], 50)
  assert.deepEqual([first?.state, first?.found], ['problem', 'it did not answer within 0.05 s'])
  assert.deepEqual([second?.state, second?.check], ['ok', 'read'])
})

test('a check that throws is told with its code and its next step', async () => {
  const error = new PlatformError('CREDENTIAL_MISSING', 'the file /x is empty', { hint: 'write it' })
  const [found] = await runProbes([probe(async () => Promise.reject(error))])
  assert.deepEqual(found, {
    port: 'gitHost',
    product: 'local',
    check: 'answers',
    state: 'problem',
    found: 'CREDENTIAL_MISSING: the file /x is empty',
    hint: 'write it',
  })
})

test('no value of a credential, no control character and no endless page of a product reaches a finding', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-probes-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'token')
  await writeFile(file, 'hunter2-hunter2\n', { mode: 0o600 })
  const choice = { product: 'harbour', nested: { token: { fromFile: file } } }
  const said = {
    check: 'read',
    state: 'problem',
    found: `\u001b[31mtoken hunter2-hunter2 is bad${'x'.repeat(5_000)}`,
  } as const
  const [found] = await runProbes([probe(async () => [{ ...said, hint: 'not hunter2-hunter2' }], choice)])
  assert.doesNotMatch(JSON.stringify(found), /hunter2|\\u001b/)
  assert.ok((found?.found.length ?? 0) < 1_000)
  assert.equal(found?.hint, 'not ***')
})
