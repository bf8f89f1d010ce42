import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContext, Page } from 'playwright-core'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { pushRelease } from './keyboard/push-release.ts'

const service = '/catalog/component/default/shop'

test('a team ships its first service through the portal, by clicks and by keyboard', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints = complaintsOf(page)
  const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
  const go = (path: string) => page.goto(platform.url + path)

  await t.test('a key in the link signs in and leaves the address at once', async () => {
    await go(`/login#${key}`)
    await page.getByRole('button', { name: /^Dana Brandt/ }).waitFor()
    assert.equal(new URL(page.url()).hash, '')
    await page.getByRole('button', { name: /^Dana Brandt/ }).click()

    await page.getByRole('heading', { name: 'Home' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/')
  })

  await t.test('the form says what is wrong while one types, and creates by keyboard alone', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('n')
    await page.getByRole('link', { name: 'Start HTTP API' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'Name' }).focus()
    await page.keyboard.type('Shop!')
    await page.keyboard.press('Tab')
    await page
      .getByText(/lower-case letters/)
      .first()
      .waitFor()

    await page.getByRole('textbox', { name: 'Name' }).fill('shop')
    await page.getByText('Allowed').first().waitFor()
    await page.getByRole('button', { name: 'Preview' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('score.yaml').first().waitFor()
    await page.getByRole('button', { name: 'Create shop' }).focus()
    await page.keyboard.press('Enter')

    await page.waitForURL(/\/runs\/[a-z0-9-]+$/)
    await page.getByText('took').first().waitFor({ timeout: 120_000 })
    assert.match(await page.title(), /^Succeeded: Create shop/)
  })

  await t.test('the service page shows what runs, and where', async () => {
    await page.getByRole('link', { name: 'Open shop' }).click()

    const dev = page.getByRole('list', { name: 'Environments' }).getByRole('listitem').first()
    await dev.getByText('Healthy').waitFor()
    assert.match((await dev.getByRole('link').last().getAttribute('href')) ?? '', /^http:\/\/shop\.dev\.localhost/)
  })

  await t.test('a promotion shows the rendered difference before it happens', async () => {
    await page.getByRole('link', { name: 'Promote to staging' }).click()
    await page.getByText('deployment.yaml', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Promote to staging' }).click()

    await page.waitForURL(/\/runs\//)
    await page.getByText('took').first().waitFor({ timeout: 90_000 })
    assert.match(await page.title(), /^Succeeded: Promote shop to staging/)
  })

  await t.test('production waits for somebody who did not contribute', async () => {
    await go(`${service}/promote?to=production`)
    await page.getByRole('button', { name: 'Promote to production' }).click()
    await page.getByRole('link', { name: 'Open the change request' }).click()
    await page
      .getByText(/You may not approve/)
      .first()
      .waitFor()

    await actAs(page, 'dev2')
    await page.getByLabel('Comment').fill('Looked at the rendered difference')
    await page.getByRole('button', { name: 'Approve' }).focus()
    await page.keyboard.press('Enter')

    await page.getByText('Approved by dev2').first().waitFor()
    await waitUntil(async () => (await statusOf(context, platform.url)).includes('production healthy'), {
      what: 'production to be healthy',
      ms: 120_000,
    })
  })

  await t.test('a release that should not have been comes back out by two clicks', async () => {
    await pushRelease(platform, context)
    await go(service)
    await page.getByRole('link', { name: 'Roll back' }).click()
    await page.getByLabel('Reason').fill('It greets the wrong way')
    await page.getByText('release.yaml', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: /^Roll back to/ }).click()

    await page.waitForURL(/\/runs\//)
    await page.getByText('took').first().waitFor({ timeout: 90_000 })
    assert.match(await page.title(), /^Succeeded: Roll back shop in dev/)
  })

  await t.test('every page is free of accessibility faults, light and dark', async () => {
    const run = await firstRun(context, platform.url)
    const faults: string[] = []
    for (const path of pages(run))
      for (const scheme of ['light', 'dark'] as const)
        faults.push(...(await faultsOf({ page, scheme, url: platform.url + path })))

    assert.deepEqual(faults, [])
  })

  await t.test('deciding and promoting fit a phone', async () => {
    await page.setViewportSize({ width: 320, height: 700 })
    for (const path of [
      '/changes/fairway/delivery/1',
      `${service}/promote?to=staging`,
      `${service}/rollback?environment=dev`,
    ]) {
      await go(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'))
      assert.ok(wide <= 320, `${path} is ${wide} px wide`)
    }
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  await t.test('the palette and the shortcuts reach everything', async () => {
    await go('/')
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search and act' }).waitFor()
    await page.keyboard.type('shop')
    await page.getByRole('option', { name: /^shop/, selected: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${service}`)
  })

  assert.deepEqual(
    complaints.filter((line) => !line.includes('403')),
    [],
  )
})

async function actAs(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Signed in as/ }).click()
  await page.getByRole('menuitem', { name: new RegExp(`^${name} `) }).click()
  await page.getByRole('button', { name: `Signed in as ${name}` }).waitFor()
}

async function statusOf(context: BrowserContext, url: string): Promise<string[]> {
  const answer = await context.request.get(`${url}/api/v1/services/shop/status`)
  const { environments } = (await answer.json()) as { environments: { name: string; health: string }[] }
  return environments.map(({ name, health }) => `${name} ${health}`)
}

async function firstRun(context: BrowserContext, url: string): Promise<string> {
  const answer = await context.request.get(`${url}/api/v1/runs`)
  return ((await answer.json()) as { items: { id: string }[] }).items[0]?.id ?? ''
}

function pages(run: string): string[] {
  const tabs = ['', '/deployments', '/resources', '/logs', '/metrics', '/traces', '/activity', '/docs']
  return [
    '/',
    '/catalog',
    '/catalog?kind=group',
    '/create',
    '/create/http-api',
    '/runs',
    `/runs/${run}`,
    '/changes',
    ...tabs.map((tab) => service + tab),
    '/changes/fairway/delivery/1',
    `${service}/promote?to=staging`,
    `${service}/rollback?environment=dev`,
    '/catalog/group/default/team-a',
    '/environments',
    '/environments/dev',
    '/environments/nowhere',
    '/policies',
    '/activity',
    '/notifications',
    '/docs',
    '/docs?q=rollback',
    '/docs/fairway/docs/guide/secrets.md',
    '/docs/errors#INPUT_INVALID',
    '/admin/doctor',
    '/nowhere',
  ]
}

async function faultsOf({
  page,
  scheme,
  url,
}: {
  page: Page
  scheme: 'light' | 'dark'
  url: string
}): Promise<string[]> {
  await page.emulateMedia({ colorScheme: scheme })
  await page.goto(url)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await waitUntil(async () => (await page.locator('[aria-busy="true"]').count()) === 0, {
    what: `${url} to load`,
    ms: 10_000,
  })
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${url} ${scheme} ${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
  )
}
