import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { hands, type Hands } from './keyboard/hands.ts'
import { pushRelease } from './keyboard/push-release.ts'

const service = '/catalog/component/default/shop'

test('a service is made, promoted, approved and rolled back without a mouse', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
  const complaints: string[][] = []
  const signIn = async (name: RegExp): Promise<Hands> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    complaints.push(complaintsOf(page))
    await page.goto(`${platform.url}/login#${key}`)
    const person = hands(page)
    await person.tabTo({ role: 'button', name })
    await person.press('Enter')
    await page.getByRole('heading', { level: 1, name: /^(Home|Welcome)/ }).waitFor()
    return person
  }
  const dana = await signIn(/^Dana Brandt/)
  const { page } = dana
  let broken = false
  // each step stands on the one before: behind one that failed there is nothing to learn
  const step = async (title: string, act: () => Promise<void>) => {
    if (broken) return
    await t.test(title, async () => {
      broken = true
      await act()
      broken = false
    })
  }

  await step('g n opens the golden paths, and the focus is on the heading', async () => {
    await dana.press('g', 'n')
    await dana.landsOn({ role: 'heading', name: 'Create' })
    await dana.tabTo({ role: 'link', name: 'Start HTTP API' })
    await dana.press('Enter')
    await dana.landsOn({ role: 'heading', name: 'New HTTP API' })
  })

  await step('a wrong name is led back to by the form, mended, and the service is made', async () => {
    await dana.tabTo({ role: 'textbox', name: 'Name' })
    await page.keyboard.type('Shop!')
    await dana.tabTo({ role: 'button', name: 'Preview' })
    await page.getByText('1 answer needs a look first').waitFor()
    await dana.press('Enter')
    await dana.landsOn({ role: 'textbox', name: 'Name' })
    await page.keyboard.press('Control+a')
    await page.keyboard.type('shop')
    await page.getByText('Allowed').first().waitFor()
    await dana.tabTo({ role: 'button', name: 'Preview' })
    await dana.press('Enter')
    await page.getByText('score.yaml').first().waitFor()
    await dana.tabTo({ role: 'button', name: 'Create shop' })
    await dana.press('Enter')

    await dana.landsOn({ role: 'heading', name: 'Create shop' })
    await page.getByText('Succeeded').first().waitFor({ timeout: 240_000 })
  })

  await step('the palette finds the service, and gives the focus back when it is closed', async () => {
    await dana.press('g', 'r')
    await dana.landsOn({ role: 'heading', name: 'Runs' })
    await page.getByRole('link', { name: 'Create shop' }).waitFor() // the heading is there before the rows are
    await dana.press('j')
    await dana.isOn({ role: 'link', name: 'Create shop' })
    await dana.press('Control+k')
    await dana.isOn({ role: 'combobox', name: 'Search and act' })
    await page.getByRole('option', { name: /^Home/ }).waitFor()
    await dana.press('Escape')
    await dana.isOn({ role: 'link', name: 'Create shop' })

    await dana.press('Control+k')
    await page.keyboard.type('shp')
    await page
      .getByRole('group', { name: 'Recent' })
      .getByRole('option', { name: 'Create shop', selected: true })
      .waitFor()
    await page.getByRole('option', { name: /^shop service of team-a/ }).waitFor()
    await dana.press('ArrowDown')
    await page.getByRole('option', { name: /^shop service of team-a/, selected: true }).waitFor()
    await dana.press('Enter')
    await dana.landsOn({ role: 'heading', name: 'shop' })
    assert.equal(new URL(page.url()).pathname, service)
  })

  await step('tabs are walked by brackets, and Esc leads out one level', async () => {
    await dana.press(']')
    await page.waitForURL(`**${service}/deployments`)
    await dana.landsOn({ role: 'link', name: 'Deployments', within: 'Service' })
    await dana.press('[')
    await dana.landsOn({ role: 'link', name: 'Overview', within: 'Service' })
    await dana.press('Escape')
    await dana.landsOn({ role: 'heading', name: 'Catalog' })
    await dana.press('/')
    await dana.isOn({ role: 'textbox', name: 'Name' })
    await page.keyboard.type('gj?')
    assert.equal(new URL(page.url()).pathname, '/catalog', 'no single key acts inside an input')
    await page.getByText('No service matches these filters').waitFor()
    await dana.press('Escape', 'Escape')
    await dana.landsOn({ role: 'heading', name: 'Home' })
  })

  await step('production is asked for from the palette', async () => {
    for (const to of ['staging', 'production']) {
      await dana.press('Control+k')
      await page.keyboard.type(`promote shop ${to}`)
      await page.getByRole('option', { name: `Promote shop to ${to}`, selected: true }).waitFor()
      await dana.press('Enter')
      await dana.landsOn({ role: 'heading', name: `Promote shop to ${to}` })
      await dana.tabTo({ role: 'button', name: `Promote to ${to}` })
      await dana.press('Enter')
      await dana.landsOn({ role: 'heading', name: `Promote shop to ${to}`, at: /\/runs\// })
      if (to === 'staging') await page.getByText('Succeeded').first().waitFor({ timeout: 240_000 })
    }
    await page.getByRole('link', { name: 'Open the change request' }).waitFor({ timeout: 120_000 })
  })

  await step('somebody else reads it and approves, and the acts lead to the button', async () => {
    const second = await signIn(/^Eli|dev2/)
    await second.press('g', 'm')
    await second.landsOn({ role: 'heading', name: 'Changes' })
    await second.page.getByRole('link', { name: /shop/ }).first().waitFor()
    await second.press('j')
    await second.press('Enter')
    await second.page.waitForURL(/\/changes\/fairway\/delivery\/\d+$/)
    await second.page.getByRole('button', { name: 'Approve' }).waitFor()
    await second.press('.')
    await second.isOn({ role: 'combobox', name: 'Acts of this page' })
    await second.page.getByRole('option', { name: /^Approve this change/, selected: true }).waitFor()
    await second.press('Enter')
    await second.landsOn({ role: 'button', name: 'Approve' })
    await second.press('Enter')
    await second.page.getByText('Approved by dev2').first().waitFor()
    await second.page.close()
    await page.getByText('Succeeded').first().waitFor({ timeout: 240_000 })
  })

  await step('a release that should not have been is taken back, with a reason', async () => {
    await pushRelease(platform, page.context())
    await dana.press('Control+k')
    await page.keyboard.type('roll back shop')
    await page.getByRole('option', { name: /^Roll back shop in dev/, selected: true }).waitFor()
    await dana.press('Enter')
    await dana.landsOn({ role: 'heading', name: 'Roll back shop in dev' })
    await dana.tabTo({ role: 'textbox', name: 'Reason' })
    await page.keyboard.type('It greets the wrong way')
    await page.getByRole('button', { name: /^Roll back to/ }).waitFor()
    await dana.tabTo({ role: 'button', name: /^Roll back to/ })
    await dana.press('Enter')
    await dana.landsOn({ role: 'heading', name: 'Roll back shop in dev', at: /\/runs\// })
    await page.getByText('Succeeded').first().waitFor({ timeout: 240_000 })
  })

  await step('the list of shortcuts keeps the focus, and switches single keys off', async () => {
    await dana.press('g', 'h')
    await dana.landsOn({ role: 'heading', name: 'Home' })
    await dana.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.waitFor()
    await sound(page, 'shortcuts')
    await dana.tabTo({ role: 'switch', name: /Single-key shortcuts/ })
    await dana.press('Space')
    await dana.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await dana.isOn({ role: 'heading', name: 'Home' })
    await dana.press('?')
    await dana.press('g', 'r')
    await dana.press('Control+k')
    await page.getByRole('combobox', { name: 'Search and act' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/', 'only Ctrl K works now')
    await page.getByRole('option', { name: 'Home' }).waitFor()
    await sound(page, 'palette')
    await page.keyboard.type('zzqq')
    await page.getByText('Nothing is called “zzqq”').waitFor()
    await sound(page, 'palette-empty')
    await dana.press('Escape')
  })

  assert.deepEqual(complaints.flat(), [])
})

/** No violation in either scheme at both widths; FAIRWAY_TEST_PICTURES names a folder for whoever wants to look. */
async function sound(page: Page, name: string): Promise<void> {
  const folder = process.env['FAIRWAY_TEST_PICTURES']
  for (const width of [320, 1280])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 720 })
      await page.emulateMedia({ colorScheme })
      if (folder) await page.screenshot({ path: join(folder, `keyboard-${name}.${colorScheme}.${width}.png`) })
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze()
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
      assert.deepEqual(found, [], `${name}, ${colorScheme}, ${width} px`)
    }
  await page.emulateMedia({ colorScheme: 'light' })
}
