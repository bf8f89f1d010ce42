import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { curlOf, shellWord } from './curl.ts'

const run = promisify(execFile)
const signs = [
  'a',
  "'",
  '"',
  '\\',
  '$',
  '`',
  '!',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '*',
  '?',
  '~',
  '#',
  '=',
  ' ',
  '\n',
  '\t',
  '\r',
  '@',
  '%',
]
const shellSigns = fc.string({ unit: fc.constantFrom(...signs) })
const token = 'a-token-of-this-test'

test('a line that is run sends what the client would send, with the token of the shell', async (t) => {
  const { url, received } = await listen(t)
  const line = await curlOf(
    (client) =>
      client.POST('/api/v1/services/{name}/rollbacks', {
        params: { path: { name: 'shop' }, header: { 'idempotency-key': 'the-key' } },
        body: { environment: 'dev', reason: `it's "wrong" $(date) \`id\` !! ü\nsecond line`, dryRun: false },
      }),
    url,
  )

  await runLine(line)

  assert.deepEqual(received, [
    {
      method: 'POST',
      url: '/api/v1/services/shop/rollbacks',
      authorization: `Bearer ${token}`,
      key: 'the-key',
      type: 'application/json',
      body: { environment: 'dev', reason: `it's "wrong" $(date) \`id\` !! ü\nsecond line`, dryRun: false },
    },
  ])
  assert.ok(!line.includes(token) && !line.includes('\n'))
})

test('what is only read is a line too, with its query and without a body', async (t) => {
  const { url, received } = await listen(t)
  const line = await curlOf(
    (client) => client.GET('/api/v1/services', { params: { query: { q: '[a-b] {c} & d', limit: 5 } } }),
    url,
  )

  await runLine(line)

  assert.doesNotMatch(line, /-X|--data|content-type/i)
  assert.deepEqual(
    received.map(({ method, url: asked }) => [method, new URL(asked, url).searchParams.get('q')]),
    [['GET', '[a-b] {c} & d']],
  )
})

test('whatever text an act carries, the shell gives it to curl unchanged and runs nothing', async () => {
  const unseen = fc.string({ unit: fc.constantFrom('a', '\u0085', '\u009b', '\u200b', '\u202e', '\u2066', '\ufeff') })
  const reason = fc.oneof(fc.string({ unit: 'binary' }), shellSigns, unseen)
  await fc.assert(
    fc.asyncProperty(reason, fc.string({ unit: 'grapheme-ascii', minLength: 1 }), async (text, name) => {
      const body = { environment: 'dev', reason: text, dryRun: false }
      const line = await curlOf(
        (client) =>
          client.POST('/api/v1/services/{name}/rollbacks', {
            params: { path: { name }, header: { 'idempotency-key': 'k' } },
            body,
          }),
        'http://localhost:7007',
      )

      await run('bash', ['-n', '-c', line])
      const words = await wordsOf(line)

      assert.doesNotMatch(line, /\p{Cc}|[\u200b\u202e\u2066\ufeff]/u, 'nothing that a terminal obeys or hides')
      assert.deepEqual(words.slice(0, 5), ['curl', '--fail-with-body', '-sS', '-X', 'POST'])
      assert.equal(decodeURIComponent(new URL(words[5] ?? '').pathname), pathOf(name))
      assert.equal(words.at(-2), '--data-raw')
      assert.deepEqual(JSON.parse(words.at(-1) ?? ''), JSON.parse(JSON.stringify(body)))
    }),
    { numRuns: 60 },
  )
})

test('a word of the shell is the text itself, with each sign alone, first, last and within', async () => {
  const ascii = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1))
  const texts = ascii.flatMap((sign) => [sign, `${sign}a`, `a${sign}`, `a${sign}b`, `a=${sign}HOME`])

  assert.deepEqual(await wordsOf(texts.map(shellWord).join(' ')), texts)

  const any = fc
    .oneof(fc.string({ unit: 'binary' }), shellSigns)
    .map((text) => text.replaceAll('\0', '').toWellFormed())
  await fc.assert(
    fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 60 }), async (words) => {
      assert.deepEqual(await wordsOf(words.map(shellWord).join(' ')), words)
    }),
    { numRuns: 60 },
  )
})

/** A name that is `.` or `..` is resolved away by the address itself, also when it is sent. */
function pathOf(name: string): string {
  return decodeURIComponent(new URL(`http://localhost/api/v1/services/${encodeURIComponent(name)}/rollbacks`).pathname)
}

async function wordsOf(line: string): Promise<string[]> {
  const { stdout } = await run('bash', ['-c', `printf '%s\\0' ${line}`], {
    env: { ...process.env, FAIRWAY_TOKEN: token },
  })
  return stdout.split('\0').slice(0, -1)
}

async function runLine(line: string): Promise<void> {
  await run('bash', ['-c', line], { env: { ...process.env, FAIRWAY_TOKEN: token } })
}

async function listen(t: TestContext) {
  const received: object[] = []
  const server = createServer(async (request, reply) => {
    const text = await bodyOf(request)
    const { method, url, headers } = request
    received.push({
      method,
      url,
      authorization: headers.authorization,
      key: headers['idempotency-key'],
      type: headers['content-type'],
      body: text === '' ? undefined : JSON.parse(text),
    })
    reply.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: received as { method: string; url: string }[],
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += String(piece)
  return text
}
