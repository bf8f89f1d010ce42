import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { callService, fairway } from '../../testing/cli.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

test('the first minute in the portal: one button, real commits, broken on purpose, rolled back; then matrix and relations', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const cli = (...argv: string[]) => fairway(platform, argv)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page)
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  const answers = async () => (await callService(platform, { service: 'hello', environment: 'dev' })).status
  const long = { timeout: 240_000 }
  assert.equal((await cli('login', '--as', 'dev')).exit, 0)
  let created = ''

  await t.test('an empty platform greets with one button and the line that does the same', async () => {
    await page.getByRole('heading', { name: 'Welcome to Fairway' }).waitFor()
    await page.getByText('fairway new --template http-api --name hello --owner team-a --wait').waitFor()
    await sound(page, 'greeting')
  })

  await t.test('whoever may not create is told who does, and has no button', async () => {
    const other = await browser.newContext()
    const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
    assert.ok((await other.request.post(`${platform.url}/api/v1/sessions`, { data: { user: 'auditor', key } })).ok())
    const seen = await other.newPage()
    await seen.goto(platform.url)
    await seen.getByText('a developer of a team creates services').waitFor()
    assert.equal(await seen.getByRole('button', { name: 'Create hello', exact: true }).count(), 0)
    await other.close()
  })

  await t.test(
    'the button by keyboard makes hello, and the page of its run shows each commit as Git has it',
    async () => {
      await page.getByRole('button', { name: 'Create hello', exact: true }).focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/runs\/r[a-z0-9]+$/)
      created = page.url()
      await page.getByRole('heading', { name: 'Where it is now' }).waitFor()
      await page.getByRole('button', { name: 'Break it', exact: true }).waitFor(long)

      assert.equal(await answers(), 200)
      await page.getByRole('link', { name: 'Create hello from golden path http-api' }).waitFor()
      await page.getByRole('link', { name: /^hello [0-9a-f]{7} to dev$/ }).waitFor()
      await page.getByRole('link', { name: 'Log lines of hello in dev' }).waitFor()
      await sound(page, 'created')
    },
  )

  await t.test('a commit opens with its message and its files', async () => {
    await page.getByRole('link', { name: 'Create hello from golden path http-api' }).click()
    await page.getByText('Golden-Path: http-api@').waitFor()
    await page.getByText('score.yaml', { exact: true }).first().waitFor()
    await sound(page, 'commit')
    await page.goto(created)
  })

  await t.test('broken on purpose, the page says the cause while the version before answers', async () => {
    await page.getByText('The commit:').click()
    await page.getByText('/not-ready-on-purpose').first().waitFor()
    await page.getByRole('button', { name: 'Break it', exact: true }).click()
    await page.waitForURL((url) => url.href !== created)
    await page.getByText('hello never became ready in dev: its probe GET /not-ready-on-purpose').waitFor(long)

    assert.equal(await answers(), 200)
    await page.getByRole('heading', { name: 'Broken on purpose' }).waitFor()
    await sound(page, 'broken')
  })

  await t.test('one click rolls it back, and the page says what is left', async () => {
    await page.getByRole('button', { name: 'Roll it back', exact: true }).click()
    await page.getByRole('heading', { name: 'Back, and one thing left' }).waitFor(long)
    await waitUntil(async () => (await cli('status', 'hello')).exit === 0, { what: 'hello to be healthy', ms: 60_000 })
    await sound(page, 'back')
  })

  await t.test('the matrix has the release of each environment, and its filters are links', async () => {
    await page.goto(`${platform.url}/deployments`)
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^hello/ }) })
    await row.getByText('Healthy').first().waitFor()
    assert.equal(await row.getByRole('link', { name: 'dev can be promoted here' }).count(), 1, 'only to staging')
    await sound(page, 'matrix')
    await page.goto(`${platform.url}/deployments?health=degraded`)
    await page.getByText('No service matches these filters').waitFor()
    const listed = (await cli('matrix')).stdout
    assert.match(listed, /^hello\tteam-a\t[0-9a-f]{7} healthy\t-\t-$/m)
  })

  await t.test(
    'relations are a drawing whose nodes are reached by keyboard, and a table that says the same',
    async () => {
      await page.goto(`${platform.url}/catalog/component/default/hello/dependencies`)
      const drawing = page.getByRole('group', { name: /^Relations of hello/ })
      await drawing.waitFor()
      const drawn = await drawing.getByRole('link').count()
      const table = page.getByRole('region', { name: 'Relations of hello', exact: true })
      assert.equal(await table.getByRole('row').count(), drawn + 1, 'a row for each node, and the head')
      await sound(page, 'relations')
      const owner = drawing.getByRole('link', { name: 'owned by group team-a' })
      await owner.focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/catalog\/group\/default\/team-a$/)
      await page.getByRole('group', { name: /^Relations of team-a/ }).waitFor()
      await sound(page, 'relations-of-group')
      const said = (await cli('catalog', 'relations', 'hello')).stdout
      assert.match(said, /^owned by\tgroup:default\/team-a\t-\tteam-a\/hello$/m)
      assert.equal(said.trim().split('\n').length, drawn)
    },
  )

  assert.deepEqual(complaints, [])
})

/** No violation in either scheme, and nothing wider than 320 px; FAIRWAY_TEST_PICTURES names a folder for whoever wants to look. */
async function sound(page: Page, name: string): Promise<void> {
  const folder = process.env['FAIRWAY_TEST_PICTURES']
  for (const width of [1280, 320])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze()
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
      assert.deepEqual(found, [], `${name}, ${colorScheme}, ${width} px`)
      assert.ok(
        Number(await page.evaluate('document.documentElement.scrollWidth')) <= width,
        `${name} fits ${width} px`,
      )
      if (folder)
        await page.screenshot({ path: join(folder, `minute-${name}.${colorScheme}.${width}.png`), fullPage: true })
    }
  await page.setViewportSize({ width: 1280, height: 900 })
}
