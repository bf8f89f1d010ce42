import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { commitTree, resolve, updateRef } from '#lib/git/commits.ts'
import { editTree, readTree, treeOf } from '#lib/git/trees.ts'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { fairway } from '../../testing/cli.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'

const values = ['first-Value-5c1d', 'second-Value-9a7e', 'line-one-Value-77b0']

test('secrets are set, rotated and deleted on the page of the service by keyboard, and no value is seen again', async (t) => {
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
  page.setDefaultTimeout(20_000)
  const complaints = complaintsOf(page)
  const press = async (name: string) => {
    await page.getByRole('button', { name, exact: true }).focus()
    await page.keyboard.press('Enter')
  }
  const value = page.getByRole('dialog').getByLabel('Value')
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()

  await t.test('without a secret the page says how to ask for one', async () => {
    await page.goto(`${platform.url}/catalog/component/default/shop/secrets`)

    await page.getByText('shop asks for no secret').waitFor()
    await page.getByText('fairway secret set db.password --service shop --env dev').waitFor()
    assert.deepEqual(await faultsOf(page), [])
  })

  await t.test('a wrong name is refused at its field, and the form sets the right one', async () => {
    await press('Set a secret …')
    const name = page.getByRole('textbox', { name: 'Name' })
    await name.fill('Password')
    await value.fill(values[0] ?? '')
    await page.keyboard.press('Enter')
    await page.getByText('write it as <resource>.<key>').waitFor()
    assert.equal(await page.locator('[name=name]:focus').count(), 1)
    assert.deepEqual(await faultsOf(page), [])

    await name.fill('db.password')
    await page.keyboard.press('Enter')

    await page.getByText('db.password has version 1 in dev. score.yaml on main does not ask for it yet.').waitFor()
  })

  await t.test('what score.yaml asks for and nobody set stands first, and takes several lines', async () => {
    await askFor(platform)
    await press('Set tls.key in dev')
    await page.getByLabel('Several lines, as a key or certificate').focus()
    await page.keyboard.press('Space')
    await value.fill(`${values[2]}\nline two\n`)
    await page.keyboard.press('Tab')
    await press('Set')

    await page.getByText('tls.key has version 1 in dev.').waitFor()
    await page.getByRole('button', { name: 'Set tls.key in staging' }).waitFor()
  })

  await t.test('a rotation is a new version', async () => {
    await press('Rotate db.password in dev')
    await value.fill(values[1] ?? '')
    await page.keyboard.press('Enter')

    await page.getByText('db.password has version 2 in dev.').waitFor()
  })

  await t.test('it is accessible in both schemes and fits 320 pixels', async () => {
    assert.deepEqual(await faultsOf(page), [])
    await picture(page, 'light', 1280)
    await picture(page, 'dark', 320)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  await t.test('what is asked for stays, what is not is deleted', async () => {
    await press('Delete tls.key in dev')
    await page.getByText('It cannot be deleted: score.yaml asks for it.').waitFor()
    await page.keyboard.press('Escape')
    await press('Delete db.password in dev')
    await press('Delete db.password')

    await page.getByText('db.password is deleted in dev.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Rotate db.password in dev' }).count(), 0)
  })

  await t.test('no value is in the page, its fields or what the browser keeps', async () => {
    const kept = `[...document.querySelectorAll('input, textarea')].map((one) => one.value).join() +
      document.documentElement.outerHTML + JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) + location.href`
    const everything = String(await page.evaluate(kept))

    assert.match(everything, /tls\.key/)
    assert.deepEqual(
      values.filter((one) => everything.includes(one)),
      [],
    )
  })

  await t.test('who may not set sees the list and why', async () => {
    await page.getByRole('button', { name: /^Signed in as/ }).click()
    await page.getByRole('menuitem', { name: /^auditor / }).click()

    await page.getByText('Members of team-a and platform engineers set, rotate and delete.').waitFor()
    await page.getByRole('region', { name: 'Secrets in dev' }).getByText('tls.key').waitFor()
    assert.equal(await page.getByRole('button', { name: /^(Set|Rotate|Delete) / }).count(), 0)
  })

  assert.deepEqual(
    complaints.filter((line) => !line.includes('422')),
    [],
  )
})

/** A commit straight on main of the service's repository, as a merge would leave it. */
async function askFor({ data }: TestPlatform): Promise<void> {
  const repo = { dir: join(data, 'git/team-a/shop.git') }
  const main = (await resolve(repo, 'main')) ?? ''
  const score = (await readTree(repo, main)).find(({ path }) => path === 'score.yaml')?.content ?? ''
  const asks = score.replace('variables:', 'variables:\n      TLS_KEY: ${resources.tls.key}')
  const content = `${asks.trimEnd()}\nresources:\n  tls: { type: secret }\n`
  const write = [{ path: 'score.yaml', content }]
  const tree = await editTree(repo, { baseTree: (await treeOf(repo, main)) ?? '', write })
  const author = { name: 'Dana Brandt', email: 'dev@example.com' }
  const at = new Date().toISOString()
  const commit = await commitTree(repo, { tree, parents: [main], message: 'Ask for a key', author, at })
  await updateRef(repo, { ref: 'refs/heads/main', to: commit, from: main })
}

async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze()
    for (const { id, nodes } of violations) faults.push(`${scheme} ${id}: ${nodes.map(({ html }) => html).join()}`)
  }
  return faults
}

/** For whoever wants to look: FAIRWAY_TEST_PICTURES names the folder. */
async function picture(page: Page, scheme: 'light' | 'dark', width: number): Promise<void> {
  await page.setViewportSize({ width, height: 800 })
  await page.emulateMedia({ colorScheme: scheme })
  const folder = process.env['FAIRWAY_TEST_PICTURES']
  if (folder)
    await page.screenshot({
      path: join(folder, `secrets-${scheme}-${width}.png`),
      fullPage: true,
      animations: 'disabled',
    })
}
