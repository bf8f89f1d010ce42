import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page, Route } from 'playwright-core'
import { findChromium, openBrowser } from '../../testing/browser.ts'
import { type TestControlPlane, startTestControlPlane } from '../../testing/control-plane.ts'
import { htmlPayloads } from '../../testing/hostile/html-payloads.ts'
import { linkPayloads } from '../../testing/hostile/link-payloads.ts'
import { waitUntil } from '../../testing/wait-until.ts'

test('whatever text the server gives, the portal shows it as text: no script runs, no link runs, and the strict policy is never in the way', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const plane = await startTestControlPlane(t)
  const run = await someService(plane)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await signIn(page, plane)
  const given = new Set<string>()
  await page.route(/\/api\/v1\/(?!sessions|me\b|events)/, (route) => withPayloads(route, given))
  const service = '/catalog/component/default/shop'
  const tabs = ['', '/deployments', '/logs', '/metrics', '/traces', '/resources', '/docs', '/activity']
  const places = [
    '/',
    '/catalog',
    '/create',
    '/create/http-api',
    '/runs',
    `/runs/${run}`,
    '/changes',
    '/environments',
    '/policies',
    '/activity',
    '/admin/doctor',
    '/catalog/group/default/team-a',
    '/catalog/user/default/dev',
    ...tabs.map((tab) => service + tab),
    `${service}/promote`,
    `${service}/rollback`,
  ] // prettier-ignore
  for (const place of places) {
    const before = asked
    await page.goto(plane.url + place, { waitUntil: 'load' })
    await page.locator('main *').first().waitFor({ state: 'attached' })
    await waitUntil(() => asked === answered && asked > before, { what: `${place} to have its answers`, ms: 20_000 })
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    assert.equal(await ran(page), null, `a script ran on ${place}`)
    assert.deepEqual(await unsafeLinks(page), [], place)
  }
  const violations = complaints.filter((text) => /Content Security Policy|Refused to/.test(text))
  assert.deepEqual(violations, [])
  const [policy, again] = await Promise.all([policyOf(plane), policyOf(plane)])
  assert.doesNotMatch(policy, /unsafe|\*|https?:/)
  assert.match(policy, /style-src 'self' 'nonce-[\w+/=]{20,}'/)
  assert.notEqual(policy, again)
  assert.ok(given.size >= 80, `${given.size} payloads were shown`)
})

async function policyOf(plane: TestControlPlane): Promise<string> {
  return (await fetch(`${plane.url}/catalog`)).headers.get('content-security-policy') ?? ''
}

/** A service whose run need not get far: its pages exist. */
async function someService(plane: TestControlPlane): Promise<string> {
  const token = await plane.tokenOf('dev')
  const json = { template: 'http-api', name: 'shop', owner: 'team-a', values: {} }
  const reply = await plane.ask('/api/v1/services', { token, json })
  const { id } = (await reply.json()) as { id: string }
  await waitUntil(async () => (await plane.ask('/api/v1/entities/component/default/shop', { token })).ok, {
    what: 'shop to be in the catalog',
    ms: 60_000,
  })
  return id
}

async function signIn(page: Page, plane: TestControlPlane): Promise<void> {
  await page.goto(`${plane.url}/login#${plane.key}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
}

const free =
  /^(title|description|message|detail|hint|text|subject|body|effect|reason|displayName|summary|content|docs|about|author|email|fix|why|label|default|help|words|owner)$/
let turn = 0
let asked = 0
let answered = 0

/** The server's own answer, with payloads where it says what people wrote. */
async function withPayloads(route: Route, given: Set<string>): Promise<void> {
  asked += 1
  const reply = await route.fetch().catch(() => undefined)
  answered += 1
  if (!reply) return route.abort().catch(() => {}) // the page left meanwhile
  if (!(reply.headers()['content-type'] ?? '').includes('json')) return route.fulfill({ response: reply })
  const next = (list: readonly string[]) => {
    const payload = list[turn++ % list.length] ?? ''
    given.add(payload)
    return payload
  }
  const changed = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string' && /url|href|link$/i.test(key)) return next(linkPayloads)
    if (typeof value === 'string') return free.test(key) ? next(htmlPayloads) : value
    if (Array.isArray(value)) return value.map((item) => changed(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, changed(inner, name)]))
  }
  return route.fulfill({ response: reply, json: changed(await reply.json()) })
}

function ran(page: Page): Promise<string | null> {
  return page.evaluate('document.documentElement.getAttribute("data-ran")')
}

function unsafeLinks(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('[href], [src], [action], [formaction]')]
    .flatMap((element) => ['href', 'src', 'action', 'formaction'].map((name) => element.getAttribute(name)))
    .filter((address) => address !== null)
    .filter((address) => !['http:', 'https:', 'mailto:'].includes(new URL(address, location.href).protocol))`)
}
