import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fairwayProgram } from '../../../testing/cli.ts'

test('bash completes commands from the script, and names of the platform from a file of the user alone', async (t) => {
  const { env, asked, cache } = await somewhere(t)

  assert.deepEqual(await completed(['fairway', 'pro'], env), ['promote'])
  assert.deepEqual(await completed(['fairway', 'run', 'wa'], env), ['watch'])
  assert.deepEqual(await completed(['fairway', 'status', 'sh'], env), ['shop', 'shed'])
  assert.deepEqual(await completed(['fairway', 'promote', 'shop', '--to', ''], env), ['dev', 'staging'])
  assert.deepEqual(await completed(['fairway', 'run', 'watch', 'r'], env), ['r22222'])

  assert.equal(asked(), 5, 'the names were asked for once')
  const [file = ''] = await readdir(cache)
  assert.equal((await stat(join(cache, file))).mode & 0o777, 0o600)
})

test('without a platform nothing is offered and nothing is said', async (t) => {
  const { env } = await somewhere(t)

  const offered = await completed(['fairway', 'status', ''], { ...env, FAIRWAY_SERVER: 'http://127.0.0.1:9' })

  assert.deepEqual(offered, [])
})

/** What bash would offer for words of which the last is being typed. */
function completed(words: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `source <(fairway completion bash) || exit 9
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _fairway; printf '%s\\n' "\${COMPREPLY[@]}"`
  return new Promise((resolve, reject) => {
    execFile('bash', ['--norc', '-c', script], { env }, (error, stdout, stderr) => {
      if (error || stderr) reject(new Error(`${error?.message} ${stderr}`))
      else resolve(stdout.split('\n').filter(Boolean))
    })
  })
}

/** A folder to live in, and a server that knows names and counts who asks. */
async function somewhere(t: TestContext): Promise<{ env: NodeJS.ProcessEnv; asked: () => number; cache: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-complete-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const answers: Readonly<Record<string, unknown>> = {
    '/api/v1/services': { items: [{ name: 'shop' }, { name: 'shed' }, { name: 'till' }] },
    '/api/v1/environments': { items: [{ metadata: { name: 'dev' } }, { metadata: { name: 'staging' } }] },
    '/api/v1/templates': { items: [{ name: 'http-api' }] },
    '/api/v1/runs': { items: [{ id: 'r22222' }] },
    '/api/v1/changes': { items: [{ id: 'fairway/delivery#1' }] },
  }
  let count = 0
  const server = createServer((request, response) => {
    count++
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answers[(request.url ?? '').split('?')[0] ?? ''] ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const env = {
    PATH: `${dirname(fairwayProgram)}:${process.env['PATH']}`,
    HOME: folder,
    FAIRWAY_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    FAIRWAY_TOKEN: 'of-the-test',
  }
  return { env, asked: () => count, cache: join(folder, '.cache/fairway') }
}
