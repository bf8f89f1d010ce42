import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { fairway } from '../../testing/cli.ts'
import { putOldShop } from '../../testing/old-shop.ts'
import { startPlatform } from '../../testing/start-platform.ts'

test('a repository is adopted in the portal: what would be proposed first, then the change request', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  await putOldShop(platform)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page)
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  const name = page.getByRole('textbox', { name: 'Repository' })

  await t.test('Create leads there; without a name the field says what is wrong', async () => {
    await page.goto(`${platform.url}/create`)
    await page.getByRole('link', { name: 'Adopt a repository' }).click()
    await name.waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Preview' }).press('Enter')

    await page.getByText('lower-case letters, digits and hyphens').waitFor()
    await page.locator('[name=name]:focus').waitFor()
  })

  await t.test(
    'a repository that is not there is refused with the next step, and nothing can be proposed',
    async () => {
      await name.fill('no-shop')
      await page.keyboard.press('Enter')

      await page.getByText('the Git host has no repository team-a/no-shop').waitFor()
      assert.equal(await page.getByRole('button', { name: /^Propose/ }).count(), 0)
    },
  )

  await t.test('the preview has the files, where each fact comes from and what the rules would say', async () => {
    await name.fill('old-shop')
    await page.keyboard.press('Enter')

    await page.getByRole('button', { name: 'score.yaml' }).waitFor()
    await page.getByText('/healthz', { exact: true }).first().waitFor()
    await page.getByRole('heading', { name: 'What the rules would say' }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze()
      assert.deepEqual(
        violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${colorScheme} ${id}: ${html.slice(0, 200)}`)),
        [],
      )
    }
    await page.setViewportSize({ width: 320, height: 800 })
    await page.waitForFunction('document.documentElement.scrollWidth === 320')
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  await t.test('the same files as the command line shows', async () => {
    assert.equal((await fairway(platform, ['login', '--as', 'dev'])).exit, 0)
    const said = await fairway(platform, ['adopt', 'team-a/old-shop', '--dry-run', '--json'])
    const { preview } = said.json<{ preview: { files: { path: string }[] } }>()
    const shown = await page.getByRole('list', { name: 'Files' }).getByRole('button').allTextContents()

    assert.deepEqual(
      shown,
      preview.files.map(({ path }) => path),
    )
  })

  await t.test('proposing starts the run, and the catalog says that it is not yet on the path', async () => {
    await page.getByRole('button', { name: 'Propose it for old-shop' }).press('Enter')
    await page.getByRole('heading', { name: 'Adopt old-shop' }).waitFor()
    await page.getByText('Succeeded', { exact: true }).first().waitFor({ timeout: 90_000 })

    await page.goto(`${platform.url}/catalog`)
    await page.getByText('Not yet on the path').first().waitFor()
  })

  await t.test(
    'the catalog shows only what is on the path, or only what is not yet, and the choice is a link',
    async () => {
      const path = page.getByRole('combobox', { name: 'Path' })
      await path.click()
      await page.getByRole('option', { name: 'not yet' }).click()
      await page.waitForURL(/onPath=false/)
      await page.getByText('1 service', { exact: true }).waitFor()
      await page.getByRole('link', { name: 'old-shop' }).waitFor()

      await page.goto(`${platform.url}/catalog?onPath=true`)
      await page.getByText('No service matches these filters').waitFor()
    },
  )

  assert.deepEqual(
    complaints.filter((line) => !/\b404\b|\b422\b/.test(line)),
    [],
  )
})
