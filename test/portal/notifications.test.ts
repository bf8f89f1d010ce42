import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { openDatabase } from '#store/database.ts'
import { insertRun, patchRun } from '#store/run.ts'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { fairway } from '../../testing/cli.ts'
import { startPlatform } from '../../testing/start-platform.ts'

const older = 'Promotion of shop in staging failed'
const newer = 'Promotion of shop in production failed'

test('a failed run rings the bell without a reload; its notification is read by keyboard, and preferences are kept', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const opened = openDatabase(await databaseUrl(platform.data))
  t.after(() => opened.close())
  const page = await (await browser.newContext({ viewport: { width: 320, height: 900 } })).newPage()
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page)
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  await page.getByRole('link', { name: 'Notifications', exact: true }).click()
  await page.getByText('Nothing yet').waitFor()

  const run = { id: 'rfailed', workflow: 'promote', requestedBy: 'dev', input: {}, steps: [] } as const
  await insertRun(opened.db, { ...run, service: 'shop', environment: 'staging', team: 'team-a' })
  await patchRun(opened.db, run.id, { state: 'failed', finished: true })
  await page.getByRole('link', { name: 'Notifications, 1 unread' }).waitFor()
  const mark = page.getByRole('button', { name: 'Mark as read: Promotion of shop in staging failed' })
  await mark.waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).analyze()
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
      [],
    )
  }
  if (process.env['FAIRWAY_SHOT']) await page.screenshot({ path: process.env['FAIRWAY_SHOT'], fullPage: true })
  await mark.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Notifications', exact: true }).waitFor()

  await page.getByRole('checkbox', { name: 'A run of mine failed: by mail' }).click()
  await page.getByText('No mail server is set up').waitFor()
  await page.reload()
  await page.getByRole('checkbox', { name: 'A run of mine failed: by mail', checked: false }).waitFor()

  assert.equal((await fairway(platform, ['login', '--as', 'dev'])).exit, 0)
  const listed = await fairway(platform, ['notifications', 'list', '--json'])
  assert.match(listed.stdout, /Promotion of shop in staging failed/)
  assert.match(
    (await fairway(platform, ['notifications', 'preferences'])).stdout,
    /mail +approval-waiting, rolled-back/,
  )
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(wide <= 320, `the page is ${wide} px wide`)
  const person = await page.getByRole('button', { name: 'Signed in as dev' }).boundingBox()
  assert.ok(person && person.x + person.width <= 320, 'the menu of the person is in sight')

  // pages of fifty; who opens one has read it
  for (let n = 0; n < 50; n++) {
    const id = `rmany${n}`
    await insertRun(opened.db, { ...run, id, service: 'shop', environment: 'production', team: 'team-a' })
    await patchRun(opened.db, id, { state: 'failed', finished: true })
  }
  await page.getByRole('link', { name: 'Notifications, 50 unread' }).waitFor()
  await page.getByRole('link', { name: older }).waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('link', { name: newer }).count(), 50)
  await page.getByRole('link', { name: 'Older notifications' }).click()
  await page.getByRole('link', { name: older }).waitFor()
  assert.equal(await page.getByRole('link', { name: newer }).count(), 0)
  if (process.env['FAIRWAY_SHOT_OLDER'])
    await page.screenshot({ path: process.env['FAIRWAY_SHOT_OLDER'], fullPage: true })
  assert.equal(await page.getByRole('link', { name: 'Older notifications' }).count(), 0)
  await page.getByRole('link', { name: 'Newest' }).click()
  await page.getByRole('link', { name: newer }).first().click()
  await page.waitForURL(/\/runs\/rmany\d+$/)
  await page.getByRole('link', { name: 'Notifications, 49 unread' }).waitFor()
  assert.deepEqual(complaints, [])
})

async function databaseUrl(data: string): Promise<string> {
  const server = await findEmbeddedPostgres(join(data, 'postgres'))
  assert.ok(server, 'PostgreSQL of the platform runs')
  return server.url
}
