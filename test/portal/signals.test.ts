import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page, Route } from 'playwright-core'
import { workloadToken } from '#lib/workload-token.ts'
import type { MetricsAsCode } from '#model/signals.ts'
import { logsRequest, requestsMetric, tracesRequest } from '#ports/otlp-samples.ts'
import { alertRules } from '#render/observability/alert-rules.ts'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { fairway } from '../../testing/cli.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'

const environment = 'staging' // nothing runs there: every signal is one of this test
const traceId = 'ab'.repeat(16)

test('logs, metrics and traces of a service are read by keyboard, in both schemes, and say when they cannot be asked', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const cli = (...argv: string[]) => fairway(platform, argv)
  assert.equal((await cli('login', '--as', 'dev')).exit, 0)
  const made = await cli('new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait', '--json')
  assert.equal(made.exit, 0, made.stderr)
  const write = await signalWriter(platform)
  const lines = Array.from({ length: 300 }, (_, at) => ({
    text: at === 150 ? 'the needle' : `line ${at}`,
    severity: at % 50 === 0 ? 17 : 9,
    at: Date.now() - (300 - at) * 100,
  }))
  await write('logs', logsRequest(lines))
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  page.setDefaultTimeout(20_000)
  const complaints = complaintsOf(page)
  const open = (tab: string) => page.goto(`${platform.url}/catalog/component/default/shop/${tab}`)
  const log = page.getByRole('log')
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()

  await t.test('the log follows; up the page it pauses and counts, End goes on', async () => {
    await open(`logs?environment=${environment}`)
    await log.getByText('line 299', { exact: true }).waitFor()

    await log.focus()
    await page.keyboard.press('Home')
    await write('logs', logsRequest([{ text: 'while paused' }]))
    await page.getByRole('button', { name: '1 new lines ↓' }).waitFor()
    await page.keyboard.press('End')

    await log.getByText('while paused').waitFor()
    await write('logs', logsRequest([{ text: 'followed again' }]))
    await log.getByText('followed again').waitFor()
    assert.equal(await page.getByRole('button', { name: /↓$/ }).count(), 0)
    await fitsAndIsAccessible(page, 'logs')
  })

  await t.test('/ filters, marks what was found, and the time of a line leads to what stood around it', async () => {
    await page.locator('main').focus()
    await page.keyboard.press('/')
    await page.keyboard.type('needle')
    await log.locator('mark', { hasText: 'needle' }).waitFor()
    await page.getByText('1 matching lines').waitFor()
    assert.match(page.url(), /contains=needle/)

    await log.getByRole('link', { name: /^\d\d:\d\d:\d\d\.\d{3}$/ }).focus()
    await page.keyboard.press('Enter')

    await log.locator('[aria-current=true]', { hasText: 'the needle' }).waitFor()
    for (const text of ['line 149', 'line 151']) await log.getByText(text, { exact: true }).waitFor()
    const link = page.url()
    await page.goto('about:blank')
    await page.goto(link)
    await log.locator('[aria-current=true]', { hasText: 'the needle' }).waitFor()
    await fitsAndIsAccessible(page, 'log-line')
  })

  await t.test('what was read stays while the log cannot be read, and the gap is named once it is filled', async () => {
    await open(`logs?environment=${environment}`)
    await log.getByText('followed again').waitFor()
    await page.route('**/api/v1/services/shop/logs?*', unreachable)
    await page.getByText('Loki cannot be asked since').waitFor()
    await log.getByText('followed again').waitFor()
    await write('logs', logsRequest([{ text: 'written meanwhile' }]))
    await page.unroute('**/api/v1/services/shop/logs?*')

    await log.getByText(/connection lost .*, refilled/).waitFor()
    await log.getByText('written meanwhile').waitFor()
    await page.getByText('Loki cannot be asked since').waitFor({ state: 'detached' })
  })

  await t.test('a source that cannot be asked is never an empty page', async () => {
    for (const [tab, nothing] of [
      ['logs', 'No line'],
      ['metrics', 'No metrics'],
      ['traces', 'No trace'],
    ] as const) {
      await page.route(`**/api/v1/services/shop/${tab}?*`, unreachable)
      await open(`${tab}?environment=${environment}`)

      const alert = page.getByRole('alert')
      await alert.getByText('Loki cannot be asked since 09:00').waitFor()
      await alert.getByText('What to do: see that it runs').waitFor()
      assert.equal(await page.getByText(nothing).count(), 0)
      await fitsAndIsAccessible(page, `${tab}-away`)
      await page.unroute(`**/api/v1/services/shop/${tab}?*`)
    }
  })

  await t.test(
    'behind each chart stands a table, opened by keyboard; a line is told apart without its colour',
    async () => {
      const end = Date.now()
      for (let at = 1; at <= 20; at++) {
        const statuses = { 200: [50, 5, 1], 500: [1, 0, 0] }
        const head = { fromMs: end - (21 - at) * 60_000, toMs: end - (20 - at) * 60_000, temporality: 'delta' } as const
        await write('metrics', requestsMetric({ ...head, statuses, bounds: [0.01, 0.1] }))
      }
      await open(`metrics?environment=${environment}`)

      await page.getByRole('img', { name: /^requests: 2xx [\d.]+ 1\/s at .*5xx/ }).waitFor()
      await page.locator('summary', { hasText: 'Show as table' }).first().focus()
      await page.keyboard.press('Enter')
      const table = page.getByRole('region', { name: 'requests as numbers' })
      await table.getByRole('columnheader', { name: '5xx 1/s' }).waitFor()
      assert.ok((await table.getByRole('row').count()) > 10)
      const markers = await page
        .locator('.u-legend .u-marker')
        .evaluateAll((all) => all.map((one) => String(one.style.border)))
      assert.ok(
        markers.some((border) => border.includes('dashed')),
        markers.join(),
      )
      await fitsAndIsAccessible(page, 'metrics')
    },
  )

  await t.test('a dashboard is linked and alert rules are listed where they are deployed, and only there', async () => {
    await open(`metrics?environment=${environment}`)
    await page.getByRole('img', { name: /^requests/ }).waitFor()
    assert.equal(await page.getByText(/Grafana|Alert rules/).count(), 0)

    await page.route('**/api/v1/services/shop/metrics?*', withCode(watchedBy))
    await open(`metrics?environment=${environment}`)
    const link = page.getByRole('link', { name: 'Open in Grafana' })
    await link.waitFor()
    assert.equal(await link.getAttribute('href'), watchedBy.dashboard.url)
    const rules = page.getByRole('region', { name: 'Alert rules' })
    for (const { name, expression } of watchedBy.alerts) {
      await rules.getByText(name, { exact: true }).waitFor()
      await rules.getByText(expression).waitFor()
    }
    await fitsAndIsAccessible(page, 'metrics-watched')
    await page.unroute('**/api/v1/services/shop/metrics?*')

    await page.route(
      '**/api/v1/services/shop/metrics?*',
      withCode({ unavailable: 'Gitea cannot be asked since 09:00' }),
    )
    await open(`metrics?environment=${environment}`)
    await page.getByText('Gitea cannot be asked since 09:00').waitFor()
    await page.getByRole('img', { name: /^requests/ }).waitFor()
    await page.unroute('**/api/v1/services/shop/metrics?*')
  })

  await t.test('a trace says how deep each span lies and which failed, in words', async () => {
    const began = Date.now() - 5_000
    const spans = ['GET /cart', 'read the cart', 'ask the stock'].map((name, at) => ({
      traceId,
      spanId: String(at + 1).repeat(16),
      name,
      kind: at + 1,
      startMs: began + at * 10,
      durationMs: 80 - at * 10,
      failed: at === 2,
      ...(at > 0 && { parentId: String(at).repeat(16) }),
    }))
    await write('traces', tracesRequest(spans))
    await open(`traces?environment=${environment}`)
    await page.getByRole('link', { name: 'GET /cart' }).focus()
    await page.keyboard.press('Enter')

    const failed = page.locator('summary', { hasText: 'ask the stock' })
    await failed.getByText(', level 3, begins 20.00 ms in').waitFor({ state: 'attached' })
    await failed.getByText('Error').waitFor()
    await failed.focus()
    await page.keyboard.press('Enter')
    await page.getByText('http.request.method').last().waitFor()
    await fitsAndIsAccessible(page, 'trace')
  })

  assert.deepEqual(
    complaints.filter((line) => !line.includes('503')),
    [],
  )
})

/** The answer of the API while a product is away, as src/lib/http gives it. */
function unreachable(route: Route): Promise<void> {
  const body = {
    type: 'about:blank',
    code: 'PRODUCT_UNREACHABLE',
    status: 503,
    title: 'PRODUCT_UNREACHABLE',
    detail: 'Loki cannot be asked since 09:00: ECONNREFUSED',
    hint: 'see that it runs and is reached from here; nothing is known of it until it answers',
  }
  return route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(body) })
}

/** Sends OTLP as a workload of shop does. */
async function signalWriter({ data, url }: TestPlatform) {
  const secret = (await readFile(join(data, 'otlp-secret'), 'utf8')).trim()
  const token = workloadToken(secret, { service: 'shop', environment, owner: 'team-a' })
  return async (signal: string, request: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const reply = await fetch(`${url}/otlp/v1/${signal}`, { method: 'POST', headers, body: JSON.stringify(request) })
    assert.equal(reply.status, 200, await reply.text())
  }
}

/** A colour on its way from one scheme to the other is neither's. */
const coloursSettled =
  'Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map(({ finished }) => finished.catch(() => {})))'

/** At 1280 pixels in light, at 320 in dark. FAIRWAY_TEST_PICTURES names a folder for whoever wants to look. */
async function fitsAndIsAccessible(page: Page, name: string): Promise<void> {
  const folder = process.env['FAIRWAY_TEST_PICTURES']
  for (const [scheme, width] of [
    ['dark', 320],
    ['light', 1280],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme: scheme })
    await page.evaluate(coloursSettled)
    const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    const { violations } = await axe.analyze()
    const faults = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
    assert.deepEqual(faults, [], `${name}, ${scheme}, ${width}`)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, `${name}, ${width}`)
    if (folder) await page.screenshot({ path: join(folder, `${name}-${scheme}-${width}.png`), fullPage: true })
  }
}

/** What a platform with a Grafana answers beside the same series. */
const watchedBy = {
  dashboard: { product: 'Grafana', url: 'https://grafana.example.com/d/fairway-0123456789abcdef01234567' },
  alerts: alertRules({
    service: 'shop',
    environment,
    owner: 'team-a',
    labels: { service: 'service_name', environment: 'deployment_environment_name' },
    exportSeconds: 60,
    portalUrl: 'https://fairway.example.com',
  }).groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, for: lasts, labels, annotations }) => ({
      name: alert,
      expression: expr,
      for: lasts,
      severity: labels['severity'] ?? '',
      summary: annotations['summary'] ?? '',
    })),
  ),
} satisfies MetricsAsCode

function withCode(asCode: MetricsAsCode) {
  return async (route: Route) => {
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...((await reply.json()) as object), asCode } })
  }
}
