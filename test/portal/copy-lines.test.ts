import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { apiAs, fairway, tokenOf } from '../../testing/cli.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

const service = '/catalog/component/default/shop'
const run = promisify(execFile)

test('what a button would send is copied as a line of curl, and the line does what the button does', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  assert.equal((await fairway(platform, ['login', '--as', 'dev'])).exit, 0)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page)
  const signIn = async (name: RegExp) => {
    await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
    await page.getByRole('button', { name }).click()
    await page.getByRole('heading', { name: 'Home' }).waitFor()
  }
  const curl = async (line: string, user: string) => {
    const env = { ...process.env, FAIRWAY_TOKEN: await tokenOf(platform, user) }
    return JSON.parse((await run('bash', ['-c', line], { env })).stdout) as { run?: { id: string }; state?: string }
  }
  const ended = async (id: string) => {
    const watched = await fairway(platform, ['run', 'watch', id])
    assert.equal(watched.exit, 0, watched.stderr)
  }
  await signIn(/^Dana Brandt/)

  await t.test('create: the line starts the run, and the button then finds it started', async () => {
    await page.goto(`${platform.url}/create/http-api`)
    await page.getByRole('textbox', { name: 'Name' }).fill('shop')
    await page.getByText('Allowed').first().waitFor()
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('score.yaml').first().waitFor()
    const line = await copied(page, 'Copy as curl')
    assert.match(line, /\$FAIRWAY_TOKEN/)

    const id = (await curl(line, 'dev')).run?.id ?? ''
    await page.getByRole('button', { name: 'Create shop' }).click()

    await page.waitForURL(`**/runs/${id}`)
    await ended(id)
  })

  await t.test('promote: version, target and key are those of the button', async () => {
    await page.goto(`${platform.url}${service}/promote?to=staging`)
    await page.getByText('deployment.yaml', { exact: true }).first().waitFor()
    await looked(page, 'promote')
    const line = await copied(page, 'Copy as curl')

    const id = (await curl(line, 'dev')).run?.id ?? ''
    await page.getByRole('button', { name: 'Promote to staging' }).click()

    await page.waitForURL(`**/runs/${id}`)
    await ended(id)
  })

  await t.test('approve: the comment goes along, for curl and for the command line', async () => {
    const asked = await fairway(platform, ['promote', 'shop', '--to', 'production', '--json'])
    const { run: promotion } = asked.json<{ run: { id: string } }>()
    const change = await changeOf(platform, promotion.id)
    await signIn(/^(?!Dana).*dev2/)
    await page.goto(`${platform.url}/changes/${change.replace('#', '/')}`)
    await page.getByRole('button', { name: 'Copy as …' }).click()
    await looked(page, 'decision')
    await page.keyboard.press('Escape')
    await page.getByLabel('Comment').fill(`It's "fine"; $(touch x) & more`)
    assert.equal(
      await chosen(page, 'Approve as CLI'),
      String.raw`fairway change approve ${change} --comment 'It'\''s "fine"; $(touch x) & more'`,
    )

    await curl(await chosen(page, 'Approve as curl'), 'dev2')

    await page.getByText('Approved by dev2').first().waitFor()
    await page.getByText(`“It's "fine"; $(touch x) & more”`).first().waitFor()
    await ended(promotion.id)
  })

  await t.test('cancel and undo: the dialog has the line, and the line ends and takes back the run', async () => {
    const asked = await fairway(platform, [
      'new',
      '--template',
      'http-api',
      '--name',
      'cart',
      '--owner',
      'team-a',
      '--wait',
    ])
    assert.equal(asked.exit, 0, asked.stderr)
    assert.equal((await fairway(platform, ['promote', 'cart', '--to', 'staging', '--wait'])).exit, 0)
    const again = await fairway(platform, ['promote', 'cart', '--to', 'production', '--json'])
    const { id } = again.json<{ run: { id: string } }>().run
    await changeOf(platform, id)
    await page.goto(`${platform.url}/runs/${id}`)
    await page.getByText('Waiting for approval').first().waitFor()
    await page.getByRole('button', { name: 'Cancel run …' }).click()
    await looked(page, 'cancel')
    await curl(await copied(page, 'Copy as curl'), 'dev2')
    await page.getByText('Cancelled').first().waitFor()
    await page.getByRole('button', { name: 'Undo …' }).click()
    await looked(page, 'undo')

    const undo = (await curl(await copied(page, 'Copy as curl'), 'dev2')).run?.id ?? ''

    await ended(undo)
  })

  assert.deepEqual(complaints, [])
})

/** No fault of accessibility in either scheme, and no wider than a phone. */
async function looked(page: Page, name: string): Promise<void> {
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 320],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.setViewportSize({ width, height: 900 })
    // what still fades in has not its colours yet
    const moving = 'document.getAnimations().filter((one) => one.playState === "running").length'
    await waitUntil(async () => (await page.evaluate(moving)) === 0, { what: `${name} to stand still`, ms: 10_000 })
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze()
    assert.deepEqual(
      violations.map(
        ({ id, nodes }) =>
          `${name} ${scheme} ${id}: ${nodes.map(({ html, any, all }) => `${html} ${[...any, ...all].map(({ message }) => message).join()}`).join()}`,
      ),
      [],
    )
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, `${name} at ${width}`)
    const folder = process.env['FAIRWAY_TEST_PICTURES']
    if (folder)
      await page.screenshot({ path: join(folder, `copy-${name}-${scheme}-${width}.png`), animations: 'disabled' })
  }
  await page.setViewportSize({ width: 1280, height: 900 })
}

async function changeOf(platform: Parameters<typeof apiAs>[0], id: string): Promise<string> {
  const api = await apiAs(platform, 'dev')
  let change = ''
  await waitUntil(
    async () => {
      const { data } = await api.GET('/api/v1/runs/{id}', { params: { path: { id } } })
      const made = data?.result?.['change']
      change = typeof made === 'string' ? made : ''
      return change !== ''
    },
    { what: 'the change request of the run', ms: 90_000 },
  )
  return change
}

async function copied(page: Page, name: string): Promise<string> {
  await page.evaluate('navigator.clipboard.writeText("")')
  await page.getByRole('button', { name, exact: true }).click()
  return fromClipboard(page)
}

async function chosen(page: Page, name: string): Promise<string> {
  await page.evaluate('navigator.clipboard.writeText("")')
  await page.getByRole('button', { name: /^(Copy as …|Copied)$/ }).click()
  await page.getByRole('menuitem', { name }).click()
  return fromClipboard(page)
}

async function fromClipboard(page: Page): Promise<string> {
  let text = ''
  await waitUntil(async () => (text = String(await page.evaluate('navigator.clipboard.readText()'))) !== '', {
    what: 'a line in the clipboard',
    ms: 10_000,
  })
  return text
}
