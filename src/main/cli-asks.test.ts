import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { atTerminal } from '../../testing/at-terminal.ts'
import { startTestControlPlane } from '../../testing/control-plane.ts'

const plane = await startTestControlPlane({ after })
const home = await mkdtemp(join(tmpdir(), 'fairway-asks-'))
after(() => rm(home, { recursive: true, force: true }))
const program = join(import.meta.dirname, 'cli.ts')
const env = {
  PATH: process.env['PATH'],
  HOME: home,
  FAIRWAY_DATA: plane.dataFolder,
  FAIRWAY_SERVER: plane.url,
  FAIRWAY_TOKEN: await plane.tokenOf('dev'),
}
const down = '\u001b[B'
const type = (argv: readonly string[], says: readonly (readonly [RegExp, string])[], more: NodeJS.ProcessEnv = {}) =>
  atTerminal({ argv: [process.execPath, program, ...argv], env: { ...env, ...more }, says })

test('what a command needs is asked for at a terminal: environments to choose from, a name to type', async () => {
  const chosen = await type(['rollback', 'absent'], [[/environment, as dev, staging[^]*production/, `${down}\r`]])
  const typed = await type(
    ['new', '--owner', 'team-a', '--dry-run'],
    [
      [/golden path[^]*http-api/, '\r'],
      [/name of the service/, 'shop\r'],
    ],
  )

  assert.match(chosen.screen, /--env staging/)
  assert.equal(chosen.exit, 5) // there is no such service
  assert.match(typed.screen, /--name shop[^]*a run would:/)
  assert.equal(typed.exit, 0)
})

test('Ctrl-C at a question ends with 130 and does nothing', async () => {
  const { exit, screen } = await type(['rollback', 'absent'], [[/environment, as dev/, '\u0003']])

  assert.equal(exit, 130)
  assert.match(screen, /INTERRUPTED: nothing was done/)
})

test('what cannot be taken back asks first, and no is the usual answer', async () => {
  const remove = ['secret', 'delete', 'db.password', '--service', 'absent', '--env', 'dev']
  const no = await type(remove, [[/for good\?/, '\r']])
  const yes = await type([...remove, '--yes'], [])

  assert.equal(no.exit, 130)
  assert.equal(yes.exit, 5) // asked the platform, which has no such service
})

test('a secret is typed unseen', async () => {
  const { screen } = await type(
    ['secret', 'set', 'db.password', '--service', 'absent', '--env', 'dev'],
    [[/not shown/, 'Hush-Hush-1\r']],
  )

  assert.doesNotMatch(screen, /Hush/)
  assert.match(screen, /NOT_FOUND|SERVICE_UNKNOWN/)
})

test('nobody is asked in CI, with --no-input or in a pipe: exit 2 and the words to add', async () => {
  const ci = await type(['rollback', 'shop'], [], { CI: 'true' })
  const off = await type(['secret', 'delete', 'x', '--service', 'shop', '--env', 'dev', '--no-input'], [])

  assert.equal(ci.exit, 2)
  assert.match(ci.screen, /USAGE: .*'--env <environment>'[^]*fairway rollback shop --env <environment>/)
  assert.equal(off.exit, 2)
  assert.match(off.screen, /say it with --yes/)
  const pipe = promisify(execFile)(process.execPath, [program, 'promote', 'shop'], { env })
  await assert.rejects(pipe, { code: 2, stderr: /fairway promote shop --to <environment>/ })
})
