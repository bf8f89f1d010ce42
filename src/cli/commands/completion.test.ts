import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
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

test('a name that a shell would run is neither run nor offered', async (t) => {
  const { env, answers } = await somewhere(t)
  const mark = join(env['HOME'] ?? '', 'it-ran')
  const hostile = [`a$(touch\${IFS}${mark})`, `a\`touch ${mark}\``, 'a;b', 'a b', '-rf', '*']
  answers['/api/v1/services'] = { items: [...hostile, 'shop'].map((name) => ({ name })) }

  assert.deepEqual(await completed(['fairway', 'status', ''], env), ['shop'])
  await assert.rejects(stat(mark))
})

test('the script itself runs no name, whatever is offered to it', async (t) => {
  const { env } = await somewhere(t)
  const home = env['HOME'] ?? ''
  const mark = join(home, 'it-ran')
  const name = `a$(touch\${IFS}${mark})`
  await writeFile(join(home, 'offers'), `#!/bin/sh\ncat <<'END'\n${name}\nEND\n`, { mode: 0o700 })

  assert.deepEqual(await completed([join(home, 'offers'), 'status', ''], env), [name])
  await assert.rejects(stat(mark))
})

test('a platform that takes the question and never answers keeps nobody waiting', async (t) => {
  const { env, silence } = await somewhere(t)
  silence()

  // The server holds its answers for as long as the test lives: an end at all is the promise.
  assert.deepEqual(await completed(['fairway', 'status', ''], env), [])
})

/** What bash would offer for words of which the last is being typed. */
function completed(words: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `source <(fairway completion bash) || exit 9
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _fairway; printf '%s\\n' "\${COMPREPLY[@]}"`
  return new Promise((resolve, reject) => {
    execFile('bash', ['--norc', '-c', script], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      if (error || stderr) reject(new Error(`${error?.message} ${stderr}`))
      else resolve(stdout.split('\n').filter(Boolean))
    })
  })
}

/** A folder to live in, and a server that knows names and counts who asks. */
async function somewhere(t: TestContext): Promise<{
  env: NodeJS.ProcessEnv
  asked: () => number
  cache: string
  answers: Record<string, unknown>
  silence: () => void
}> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-complete-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const answers: Record<string, unknown> = {
    '/api/v1/services': { items: [{ name: 'shop' }, { name: 'shed' }, { name: 'till' }] },
    '/api/v1/environments': { items: [{ metadata: { name: 'dev' } }, { metadata: { name: 'staging' } }] },
    '/api/v1/templates': { items: [{ name: 'http-api' }] },
    '/api/v1/runs': { items: [{ id: 'r22222' }] },
    '/api/v1/changes': { items: [{ id: 'fairway/delivery#1' }] },
  }
  let count = 0
  let isSilent = false
  const server = createServer((request, response) => {
    count++
    if (isSilent) return
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answers[(request.url ?? '').split('?')[0] ?? ''] ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const env = {
    PATH: `${dirname(fairwayProgram)}:${process.env['PATH']}`,
    HOME: folder,
    FAIRWAY_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    FAIRWAY_TOKEN: 'of-the-test',
  }
  return { env, asked: () => count, cache: join(folder, '.cache/fairway'), answers, silence: () => (isSilent = true) }
}
