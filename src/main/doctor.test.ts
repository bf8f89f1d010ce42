import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DoctorCheck, readDoctor } from './doctor.ts'

test('what is missing is said with its cost and the way to get it', async (t) => {
  const checks = await readDoctor({ PATH: '/nonexistent', FAIRWAY_DATA: await folder(t) })

  for (const name of ['git', 'bwrap', 'chromium', 'infrastructure engine']) {
    const { state, costs, hint } = find(checks, name)
    assert.equal(state, 'missing', name)
    assert.ok(costs && hint, name)
  }
})

test('an old git is a problem, a new one is not', async (t) => {
  const bin = await folder(t)
  const check = async (version: string) => {
    await writeFile(join(bin, 'git'), `#!/bin/sh\necho git version ${version}\n`, { mode: 0o755 })
    return find(await readDoctor({ PATH: `${bin}:/usr/bin:/bin`, FAIRWAY_DATA: bin }), 'git').state
  }

  assert.equal(await check('2.37.9'), 'problem')
  assert.equal(await check('2.38.0'), 'ok')
})

test('a data folder that others may enter is a problem', async (t) => {
  const data = await folder(t)
  const state = async (mode: number) => {
    await chmod(data, mode)
    return find(await readDoctor({ FAIRWAY_DATA: data }), 'data folder').state
  }

  assert.equal(await state(0o755), 'problem')
  assert.equal(await state(0o710), 'ok')
})

test('a database that does not answer is a problem, and its password stays secret', async (t) => {
  const url = 'postgres://somebody:hidden-word@127.0.0.1:9/none'
  const checks = await readDoctor({ FAIRWAY_DATA: await folder(t), FAIRWAY_DATABASE_URL: url })

  assert.equal(find(checks, 'database').state, 'problem')
  assert.doesNotMatch(JSON.stringify(checks), /hidden-word/)
})

test('the isolation in force is named', async (t) => {
  const { found } = find(await readDoctor({ FAIRWAY_DATA: await folder(t) }), 'isolation')

  assert.match(found, /^(sandbox|user|none): /)
})

function find(checks: readonly DoctorCheck[], name: string): DoctorCheck {
  const found = checks.find(({ check }) => check === name)
  assert.ok(found, `no check ${name}`)
  return found
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-doctor-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}
