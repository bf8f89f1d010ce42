import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { allRoutes } from '#api/contract/all.ts'
import { gitPayloads, ssrfUrls } from '../../testing/hostile/git-payloads.ts'
import { slowYaml, yamlBombs } from '../../testing/hostile/yaml-bombs.ts'
import { type Asked, startTestControlPlane, type TestControlPlane } from '../../testing/control-plane.ts'

let plane: TestControlPlane
let dev: string
let platform: string
const ends: (() => unknown)[] = []
before(async () => {
  plane = await startTestControlPlane({ after: (end: () => unknown) => void ends.push(end) } as never)
  dev = await plane.tokenOf('dev')
  platform = await plane.tokenOf('platform')
})
after(async () => {
  for (const end of ends.toReversed()) await end()
})

// What rebuilds or examines everything takes no text of a person, and seconds.
const routes = allRoutes.filter(({ path }) => !/^\/api\/v1\/(sessions|rebuild|doctor)/.test(path))
const writes = routes.filter(({ method }) => method !== 'GET')

test('keys that mean something to JavaScript are refused or ignored in every body, and nothing is polluted', async () => {
  const bodies = ['__proto__', '\\u005f_proto__', 'constructor'].flatMap((key) => [
    `{"${key}": {"prototype": {"polluted": true}, "polluted": true}}`,
    `{"answers": {"${key}": {"prototype": {"polluted": true}}}}`,
    `[{"${key}": {"prototype": {"polluted": 1}}}]`,
  ])
  for (const { method, path } of writes) {
    const url = `${plane.url}${filled(path, 'shop')}`
    const headers = { authorization: `Bearer ${platform}`, 'content-type': 'application/json' }
    const replies = await Promise.all(bodies.map((body) => fetch(url, { method, headers, body })))
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [422], `${method} ${path}`)
  }
  const queries = ['__proto__[polluted]=1', 'constructor[prototype][polluted]=1', '__proto__=1']
  for (const { path } of routes.filter(({ method }) => method === 'GET'))
    await Promise.all(queries.map((query) => ask(`${filled(path, 'shop')}?${query}`, { token: dev })))
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  assert.deepEqual(Object.keys(Object.prototype), [])
})

test('a body nested without end, or with a NUL, is refused as every other wrong input', async () => {
  const deep = '['.repeat(300_000) + ']'.repeat(300_000)
  for (const body of [deep, `{"answers": ${deep}}`, `{"answers": {"a": "\\u0000"}}`, `{"\\u0000": 1}`])
    for (const { method, path } of writes) {
      const headers = { authorization: `Bearer ${platform}`, 'content-type': 'application/json' }
      const reply = await fetch(`${plane.url}${filled(path, 'shop')}`, { method, headers, body })
      assert.equal(((await reply.json()) as { code: string }).code, 'INPUT_INVALID', `${method} ${path}`)
    }
})

test('no text that Git could take for an option or command does anything, in any field of any route', async () => {
  const mark = join(plane.dataFolder, 'hostile-mark')
  const fields = 'branch head commit service name version to environment ref path reason cursor q owner'.split(' ')
  assert.ok(gitPayloads.length >= 40)
  for (const [turn, payload] of gitPayloads.map((text) => text.replaceAll('MARK', mark)).entries()) {
    const body = Object.fromEntries(fields.map((field) => [field, payload]))
    const query = new URLSearchParams(body).toString()
    const half = routes.filter((_, at) => at % 2 === turn % 2) // each route meets every second payload
    const asked = half.map(async ({ method, path }) => {
      const place = filled(path, payload)
      const reply =
        method === 'GET'
          ? await ask(`${place}?${query}`, { token: platform })
          : await ask(place, {
              method,
              token: platform,
              json: { ...body, repo: { owner: 'fairway', name: 'platform' } },
            })
      assert.ok(reply.status < 500, `${method} ${path} gives ${reply.status} for ${JSON.stringify(payload)}`)
    })
    await Promise.all(asked)
  }
  assert.equal(existsSync(mark), false)
})

test('Git over HTTP serves no path but that of one repository', async () => {
  const mark = join(plane.dataFolder, 'hostile-mark')
  const basic = `Basic ${Buffer.from(`platform:${platform}`).toString('base64')}`
  for (const payload of gitPayloads.map((text) => text.replaceAll('MARK', mark))) {
    for (const place of [
      `${encodeURIComponent(payload)}/x.git`,
      `team-a/${encodeURIComponent(payload)}.git`,
      `team-a/${payload}`,
    ]) {
      const url = new URL(`/git/${place}/info/refs?service=git-upload-pack`, plane.url)
      if (!url.pathname.startsWith('/git/')) continue // two dots: the client itself asks for something else
      const reply = await fetch(url, { headers: { authorization: basic } }).catch(() => undefined)
      assert.ok(reply === undefined || (reply.status >= 400 && reply.status < 500), `${place}: ${reply?.status}`)
    }
    const service = await plane.ask(`/git/fairway/platform.git/info/refs?service=${encodeURIComponent(payload)}`, {
      headers: { authorization: basic },
    })
    assert.equal(service.status, 404)
  }
  assert.equal(existsSync(mark), false)
})

test('no address that a person gives is ever fetched', async () => {
  let hits = 0
  const server = createServer((_request, reply) => {
    hits += 1
    reply.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => server.close())
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const urls = [own, own.replace('127.0.0.1', 'localhost'), own.replace('127.0.0.1', '2130706433'), ...ssrfUrls]
  assert.ok(urls.length >= 60)
  for (const url of urls) {
    const fields = [
      'url',
      'repo',
      'target',
      'branch',
      'title',
      'description',
      'template',
      'owner',
      'name',
      'server',
      'remote',
      'callback',
    ]
    const body = {
      ...Object.fromEntries(fields.map((field) => [field, url])),
      answers: { url },
      catalogInfo: located(url),
      score: scoreAt(url),
    }
    const replies = writes.map(({ method, path }) => ask(filled(path, 'shop'), { method, token: platform, json: body }))
    for (const reply of await Promise.all(replies)) assert.ok(reply.status < 500, `${reply.url}: ${reply.status}`)
    const found = await plane.ask('/api/v1/catalog/validate', {
      token: dev,
      json: { catalogInfo: located(url), score: scoreAt(url) },
    })
    assert.equal(found.status, 200)
  }
  assert.equal(hits, 0)
})

test('a costly YAML is refused with its reason, and others are answered meanwhile', async () => {
  for (const [name, catalogInfo] of Object.entries({ ...yamlBombs, slow: slowYaml })) {
    if (catalogInfo.length > 900_000) continue // the server reads no larger body
    const judging = plane.ask('/api/v1/catalog/validate', { token: dev, json: { catalogInfo } })
    const others = await Promise.all(Array.from({ length: 3 }, () => plane.ask('/api/v1/environments', { token: dev })))
    const reply = await judging
    const judged = (await reply.json()) as { valid?: boolean }
    assert.ok(others.every(({ status }) => status === 200))
    assert.ok([413, 422].includes(reply.status) || judged.valid === false, name)
  }
})

test('one event is one line of the log, whatever its texts hold', async () => {
  const file = join(plane.dataFolder, 'control-plane.log')
  const forged = '\r\n{"level":30,"msg":"forged"}\n\u2028\u0085"}\n\u001b[2J'
  const encoded = encodeURIComponent(forged)
  await plane.ask(`/api/v1/services/${encoded}`, { token: dev })
  await plane.ask('/api/v1/changes', {
    token: dev,
    json: { repo: { owner: 'team-a', name: 'x' }, branch: forged, title: forged },
  })
  await plane.ask('/api/v1/catalog/validate', { token: dev, json: { catalogInfo: forged } })
  await plane.ask(`/git/team-a/${encoded}.git/info/refs?service=git-upload-pack`, {
    token: dev,
    headers: { 'user-agent': 'x' },
  })

  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  for (const line of lines) {
    const event = JSON.parse(line) as { msg?: string; name?: string }
    assert.equal(event.name, 'fairway', line)
    assert.notEqual(event.msg, 'forged')
  }
})

test('no route answers with anything a browser would run', async () => {
  for (const { path } of allRoutes.filter(({ method }) => method === 'GET')) {
    const reply = await plane.ask(filled(path, '<script>1</script>'), { token: dev, headers: { accept: 'text/html' } })
    assert.match(
      reply.headers.get('content-type') ?? 'application/json',
      /^application\/(problem\+)?json|text\/event-stream/,
      path,
    )
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
    await reply.body?.cancel()
  }
})

/** The answer, read to its end; a stream of events is left. */
async function ask(path: string, asked: Asked): Promise<Response> {
  const reply = await plane.ask(path, asked)
  await reply.body?.cancel()
  return reply
}

function filled(path: string, text: string): string {
  return path.replaceAll(/:\w+|\*/g, () => encodeURIComponent(text.replaceAll(/^\.+$/g, 'x')) || 'x')
}

function located(url: string): string {
  return `apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: x}\nspec: {type: url, target: ${JSON.stringify(url)}, owner: team-a}\n`
}

function scoreAt(url: string): string {
  return `apiVersion: score.dev/v1b1\nmetadata: {name: shop}\ncontainers:\n  main:\n    image: ${JSON.stringify(url)}\n    readinessProbe: {httpGet: {host: ${JSON.stringify(url)}, path: /, port: 80}}\n`
}
