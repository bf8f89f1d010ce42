import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { dataOf } from '../../src/client/client.ts'
import { complaintsOf, findChromium, openBrowser } from '../../testing/browser.ts'
import { apiAs, fairway, git } from '../../testing/cli.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

test('a release that fails says why, what changed and what to do: the page and the command line alike', async (t) => {
  const chromium = findChromium()
  if (!chromium) return t.skip('there is no Chromium on this machine')
  const platform = await startPlatform(t)
  const cli = (...argv: string[]) => fairway(platform, argv)
  assert.equal((await cli('login', '--as', 'dev')).exit, 0)
  const made = await cli('new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait', '--json')
  assert.equal(made.exit, 0, made.stderr)
  const run = await releaseWithoutReadiness(platform)
  const browser = await openBrowser(chromium)
  t.after(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints = complaintsOf(page)
  await page.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
  await page.getByRole('button', { name: /^Dana Brandt/ }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  await page.goto(`${platform.url}/runs/${run}`)
  const sentence = 'shop never became ready in dev: its probe GET /ready on port 8080 is answered with 404'

  await t.test('the page has the sentence, the commit with its author, and the line that did it', async () => {
    await page.getByText(sentence).waitFor()
    await page.getByRole('heading', { name: 'What changed since it was healthy' }).waitFor()
    await page.getByText('Ask another path').first().waitFor()
    await page.getByText('score.yaml', { exact: true }).first().waitFor()
    await page.getByRole('link', { name: 'Roll back dev' }).waitFor()
  })

  await t.test('what is copied is what the command line says', async () => {
    await page.getByRole('button', { name: 'Copy report' }).click()
    const copied = String(await page.evaluate('navigator.clipboard.readText()'))
    const said = await cli('run', 'show', run)

    assert.ok(copied.includes(sentence), copied)
    assert.ok(said.stdout.includes(copied.trim()), said.stdout)
  })

  await t.test('it is accessible in both schemes and fits 320 pixels', async () => {
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
    await page.reload()
    await page.getByText(sentence).waitFor()
    await page.getByText('score.yaml', { exact: true }).first().waitFor()
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  await t.test('what a person may not do is not offered: page, API and command line name whom to ask', async () => {
    const ask = 'ask a developer of team-a or a platform-engineer'
    const acts = async (person: string) =>
      dataOf((await apiAs(platform, person)).GET('/api/v1/runs/{id}', { params: { path: { id: run } } })).then(
        (found) => found.acts,
      )
    assert.deepEqual(await acts('dev'), { retry: { can: true }, cancel: { can: false }, undo: { can: true } })
    const refused = { can: false, reason: ask }
    assert.deepEqual(await acts('auditor'), { retry: refused, cancel: { can: false }, undo: refused })

    const other = await browser.newContext()
    const theirs = await other.newPage()
    await theirs.goto(`${platform.url}/login#${(await readFile(join(platform.data, 'login-key'), 'utf8')).trim()}`)
    await theirs.getByRole('button', { name: /auditor/ }).click()
    await theirs.getByRole('heading', { name: 'Home' }).waitFor()
    await theirs.goto(`${platform.url}/runs/${run}`)
    await theirs.getByText(`To take it back, ${ask}.`).waitFor()
    assert.equal(await theirs.getByRole('button', { name: 'Undo …' }).count(), 0)
    await page.getByRole('button', { name: 'Undo …' }).waitFor()
    await other.close()
  })

  await t.test('the first act leads to the way back', async () => {
    await page.getByRole('link', { name: 'Roll back dev' }).focus()
    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'Roll back shop in dev' }).waitFor()
  })

  assert.deepEqual(complaints, [])
})

/** A commit that has another path asked than the service answers; resolves with the run once it failed. */
async function releaseWithoutReadiness(platform: TestPlatform): Promise<string> {
  const clone = join(platform.data, '..', 'shop')
  assert.equal((await fairway(platform, ['clone', 'shop', clone])).exit, 0)
  const score = await readFile(join(clone, 'score.yaml'), 'utf8')
  await writeFile(join(clone, 'score.yaml'), score.replace('path: /readyz', 'path: /ready'))
  const author = ['-c', 'user.name=Dana Brandt', '-c', 'user.email=dev@example.com']
  const committed = await git(platform, clone, ...author, 'commit', '--quiet', '--all', '-m', 'Ask another path')
  assert.equal(committed.exit, 0, committed.stderr)
  const pushed = await git(platform, clone, 'push', '--quiet', 'origin', 'HEAD:main')
  assert.equal(pushed.exit, 0, pushed.stderr)
  const api = await apiAs(platform, 'dev')
  const query = { service: 'shop', workflow: 'release' as const, state: 'failed' as const }
  return waitUntil(async () => (await dataOf(api.GET('/api/v1/runs', { params: { query } }))).items[0]?.id, {
    what: 'the release to fail',
    ms: 240_000,
    everyMs: 500,
  })
}
