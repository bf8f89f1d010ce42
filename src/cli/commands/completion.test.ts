import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { atTerminal } from '../../../testing/at-terminal.ts'
import { fairwayProgram } from '../../../testing/cli.ts'

test('every position of a line has its own words: verbs, names, choices, options, fields', async (t) => {
  const { env, asked, cache } = await somewhere(t)
  const next = (...words: string[]) => completed(['fairway', ...words], env)

  assert.deepEqual(await next('pro'), ['promote'])
  assert.deepEqual(await next('run', 'wa'), ['watch'])
  assert.deepEqual(await next('status', 'sh'), ['shop', 'shed'])
  assert.deepEqual(await next('status', 'shop', ''), [])
  assert.deepEqual(await next('promote', 'shop', '--to', ''), ['dev', 'staging'])
  assert.deepEqual(await next('promote', '--to', 'dev', 'sh'), ['shop', 'shed'])
  assert.deepEqual(await next('promote', 'shop', '--to', '=', 'd'), ['dev'])
  assert.deepEqual(await next('run', 'watch', 'r'), ['r22222'])
  assert.deepEqual(await next('change', 'approve', ''), ['fairway/delivery#1'])
  assert.deepEqual(await next('new', '--template', 'http-api', '--owner', ''), ['team-a'])
  assert.deepEqual(await next('run', 'list', '--state', 'su'), ['succeeded', 'superseded'])
  assert.deepEqual(await next('completion', ''), ['bash', 'zsh', 'fish'])
  assert.deepEqual(await next('run', 'list', '--mi'), ['--mine'])
  assert.deepEqual(await next('run', 'list', '--mine', '--mi'), [])
  assert.deepEqual(await next('promote', '--json', 'run,pr'), ['run,preview'])

  assert.equal(asked(), 6, 'the names were asked for once')
  const [file = ''] = await readdir(cache)
  assert.equal((await stat(join(cache, file))).mode & 0o777, 0o600)
  assert.deepEqual(await completed(['fairway', 'status', 'sh'], { ...env, FAIRWAY_TOKEN: 'another' }), ['shop', 'shed'])
  assert.equal(asked(), 12, 'somebody else asks for themselves')
})

test('fish completes the same words, and runs no name', async (t) => {
  if (spawnSync('fish', ['--version']).error) return t.skip('there is no fish on this machine')
  const { env, offers, mark } = await somewhere(t)
  const next = async (line: string) => {
    const script = `fairway completion fish | source; complete -c offers -f -a '(__fairway_offers)'; complete -C "${line}"`
    const { stdout, stderr } = await promisify(execFile)('fish', ['--no-config', '-c', script], {
      env,
      timeout: 20_000,
    })
    assert.equal(stderr, '')
    return stdout.split('\n').filter(Boolean)
  }

  assert.deepEqual(await next('fairway run wa'), ['watch'])
  assert.deepEqual((await next('fairway status sh')).toSorted(), ['shed', 'shop'])
  assert.deepEqual(await next('fairway promote shop --to st'), ['staging'])
  assert.deepEqual(await next('fairway promote shop --to=st'), ['--to=staging'])
  await offers(`a$(touch ${mark})`, `a(touch ${mark})`)
  assert.equal((await next('offers ')).length, 2)
  await assert.rejects(stat(mark))
})

test('zsh completes the same words as they are typed, and runs no name', async (t) => {
  if (spawnSync('zsh', ['--version']).error) return t.skip('there is no zsh on this machine')
  const { env, offers, mark } = await somewhere(t)
  await offers(`a$(touch ${mark})`)
  const { screen } = await atTerminal({
    argv: ['zsh', '-f', '-i'],
    env,
    says: [
      [/[#%] /, "source <(fairway completion zsh); compdef _fairway offers; PS1='R''EADY '\r"],
      [/READY /, 'fairway run wat\t'],
      [/fairway run watch/, '\u0015fairway status sho\t'],
      [/status shop/, '\u0015fairway promote shop --to st\t'],
      [/--to staging/, '\u0015offers a\t'],
      [/touch/, '\u0015exit\r'],
    ],
  })

  assert.match(screen, /offers a\\\$\\\(touch/) // as text, not to be run
  await assert.rejects(stat(mark))
})

test('without a platform nothing is offered and nothing is said', async (t) => {
  const { env } = await somewhere(t)

  const offered = await completed(['fairway', 'status', ''], { ...env, FAIRWAY_SERVER: 'http://127.0.0.1:9' })

  assert.deepEqual(offered, [])
})

test('a name that a shell would run is neither run nor offered', async (t) => {
  const { env, answers, mark } = await somewhere(t)
  const hostile = [`a$(touch\${IFS}${mark})`, `a\`touch ${mark}\``, 'a;b', 'a b', '-rf', '*']
  answers['/api/v1/services'] = { items: [...hostile, 'shop'].map((name) => ({ name })) }

  assert.deepEqual(await completed(['fairway', 'status', ''], env), ['shop'])
  await assert.rejects(stat(mark))
})

test('the script itself runs no name, whatever is offered to it', async (t) => {
  const { env, offers, mark } = await somewhere(t)
  const name = `a$(touch\${IFS}${mark})`
  await offers(name)

  assert.deepEqual(await completed(['offers', 'status', ''], env), [name])
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
  /** A program `offers`, which a script takes for `fairway`, says these lines. */
  offers: (...lines: string[]) => Promise<void>
  /** The file that a name would make if something ran it. */
  mark: string
}> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-complete-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const answers: Record<string, unknown> = {
    '/api/v1/services': { items: [{ name: 'shop' }, { name: 'shed' }, { name: 'till' }] },
    '/api/v1/environments': { items: [{ metadata: { name: 'dev' } }, { metadata: { name: 'staging' } }] },
    '/api/v1/templates': { items: [{ name: 'http-api' }] },
    '/api/v1/runs': { items: [{ id: 'r22222' }] },
    '/api/v1/changes': { items: [{ id: 'fairway/delivery#1' }] },
    '/api/v1/people': { people: [{ name: 'dev' }], teams: [{ name: 'team-a' }] },
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
    PATH: `${folder}:${dirname(fairwayProgram)}:${process.env['PATH']}`,
    HOME: folder,
    FAIRWAY_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    FAIRWAY_TOKEN: 'of-the-test',
  }
  return {
    env,
    asked: () => count,
    cache: join(folder, '.cache/fairway'),
    answers,
    silence: () => (isSilent = true),
    offers: (...lines) =>
      writeFile(join(folder, 'offers'), `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`, { mode: 0o700 }),
    mark: join(folder, 'it-ran'),
  }
}
