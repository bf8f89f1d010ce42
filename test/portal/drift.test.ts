import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { fairway } from '../../testing/cli.ts'
import { pastThePlatform } from '../../testing/past-the-platform.ts'
import { startPlatform } from '../../testing/start-platform.ts'

const deployments = '/catalog/component/default/shop/deployments'

test('a commit past the platform shows while one looks, and is reverted by two clicks or one command', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const cli = (...argv: string[]) => fairway(platform, argv)
  assert.equal((await cli('login', '--as', 'dev')).exit, 0)
  const made = await cli('new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait', '--json')
  assert.equal(made.exit, 0, made.stderr)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page)
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()

  await t.test('with nothing to settle page and command line say so', async () => {
    await page.goto(platform.url + deployments)
    await page.getByText('No drift').waitFor()
    const refused = await cli('drift', 'revert', 'shop', '--json')

    assert.deepEqual([refused.exit, refused.code], [6, 'DRIFT_NONE'])
  })

  await t.test('it appears on the open page with field, author and both ways out', async () => {
    await pastThePlatform(platform, { environment: 'dev', replicas: 3 })

    await page.getByRole('heading', { name: 'Drift in dev' }).waitFor()
    await page.getByText('Mallory <mallory@example.com>, as the commit says').waitFor()
    await page.getByText('Deployment/shop spec.replicas').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Adopt into Git …' }).isEnabled(), true)
    const listed = (await cli('drift', '--json')).json<{ items: { path: string; fields: object[] }[] }>()
    assert.deepEqual(listed.items[0]?.path, 'envs/dev/shop')
  })

  await t.test('it is accessible in both schemes and fits 320 pixels', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      assert.deepEqual(await faultsOf(page, scheme), [])
      await picture(page, `${scheme}-1280`)
    }
    await page.setViewportSize({ width: 320, height: 800 })
    await page.reload()
    await page.getByRole('heading', { name: 'Drift in dev' }).waitFor()
    assert.deepEqual(await page.evaluate(tooWide), [])
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await picture(page, `${scheme}-320`)
    }
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  await t.test('a revert by keyboard says first what it does, and leaves no drift', async () => {
    await page.getByRole('button', { name: 'Revert …' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('needs no approval').waitFor()
    assert.deepEqual(await faultsOf(page, 'dark'), [])
    await page.getByRole('button', { name: 'Revert', exact: true }).focus()
    await page.keyboard.press('Enter')

    await page.waitForURL(/\/runs\//)
    await page.getByText('took').first().waitFor({ timeout: 120_000 })
    assert.match(await page.title(), /^Succeeded: Revert drift of shop in dev/)
    await page.goto(platform.url + deployments)
    await page.getByText('No drift').waitFor()
  })

  await t.test('the command line adopts what the page would', async () => {
    await pastThePlatform(platform, { environment: 'dev', replicas: 2 })
    await page.getByRole('heading', { name: 'Drift in dev' }).waitFor()
    const planned = await cli('drift', 'adopt', 'shop', '--env', 'dev', '--dry-run')

    const adopted = await cli('drift', 'adopt', 'shop', '--env', 'dev', '--wait')

    assert.match(planned.stdout, /spec\.replicas: \d → 2/)
    assert.equal(adopted.exit, 0, adopted.stderr)
    await page.getByText('No drift').waitFor()
    const settled = (await cli('drift', '--resolved', '--json')).json<{ items: { resolution: string }[] }>()
    assert.deepEqual(
      settled.items.map(({ resolution }) => resolution),
      ['adopted', 'reverted'],
    )
  })

  assert.deepEqual(complaints, [])
})

/** What reaches beyond the screen, unless it scrolls inside itself. */
const tooWide = `document.documentElement.scrollWidth <= 320 ? [] : [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > 321 && !one.closest('.tablewrap'))
  .map((one) => one.outerHTML.slice(0, 120))`

async function faultsOf(page: Page, scheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: scheme })
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${scheme} ${id}: ${html.slice(0, 200)}`))
}

/** For whoever wants to look: FAIRWAY_TEST_PICTURES names the folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['FAIRWAY_TEST_PICTURES']
  if (folder) await page.screenshot({ path: join(folder, `drift-${name}.png`), fullPage: true })
}
