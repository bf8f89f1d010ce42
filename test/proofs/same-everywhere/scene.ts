import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { findChromium, openBrowser } from '../../../testing/browser.ts'
import { type CliResult, fairway, git, tokenOf } from '../../../testing/cli.ts'
import { pastThePlatform } from '../../../testing/past-the-platform.ts'
import { preparePlatform, type TestPlatform } from '../../../testing/start-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

/** One platform on which a team works, and the three ways to it. */
export interface Scene {
  /** The run that waits for an approval, and its change request. */
  readonly waiting: string
  readonly change: string
  /** Another service than the one that facts are about. */
  readonly other: string
  readonly hasPortal: boolean
  /** With a body it is a POST. */
  api(person: string, path: string, body?: object): Promise<{ readonly code?: string; readonly body: unknown }>
  cli(person: string, argv: readonly string[]): Promise<CliResult>
  /** The words of a page, once they are as wanted or have had time enough. */
  page(person: string, path: string, wanted: (text: string) => boolean): Promise<{ found: boolean; text: string }>
  /** Whether a page has that button or link and it can be used. */
  control(person: string, path: string, name: RegExp): Promise<boolean>
  close(): Promise<void>
}

const program = [join(import.meta.dirname, '../crash-grid/control-plane.ts')]
const people = ['platform', 'sec', 'auditor', 'dev3', 'dev2', 'dev']

export async function openScene(): Promise<Scene> {
  const platform = await preparePlatform(program)
  const folder = await mkdtemp(join(tmpdir(), 'fairway-same-'))
  const ends: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true }), () => platform.remove()]
  const close = async () => {
    for (const end of ends.toReversed()) await end()
  }
  try {
    await platform.start()
    const made = await makeScene(platform, folder)
    const portal = await openPortal(platform)
    if (portal) ends.push(portal.close)
    const tokens = new Map<string, string>()
    return {
      ...made,
      close,
      hasPortal: portal !== undefined,
      async api(person, path, body) {
        const token = tokens.get(person) ?? (await tokenOf(platform, person))
        tokens.set(person, token)
        const reply = await fetch(`${platform.url}${path}`, {
          headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
          ...(body && { method: 'POST', body: JSON.stringify(body) }),
        })
        const answer = (await reply.json()) as { code?: string }
        return reply.ok ? { body: answer } : { code: answer.code ?? String(reply.status), body: answer }
      },
      cli: (person, argv) => fairway(platform, [...argv, '--as', person]),
      page: async (person, path, wanted) =>
        portal ? read(await portal.open(person, path), wanted) : { found: true, text: '' },
      control: async (person, path, name) => portal !== undefined && isUsable(await portal.open(person, path), name),
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function makeScene(platform: TestPlatform, folder: string): Promise<Pick<Scene, 'waiting' | 'change' | 'other'>> {
  const done = async (argv: readonly string[], exit = 0) => {
    const result = await fairway(platform, argv)
    if (result.exit !== exit) throw new Error(`${argv.join(' ')}: ${result.exit} ${result.stderr}`)
    return result.stdout.trim()
  }
  for (const person of people) await done(['login', '--as', person])
  for (const name of ['shop', 'till'])
    await done(['new', '--template', 'tiny', '--name', name, '--owner', 'team-a', '--wait'])
  await done(['promote', 'shop', '--to', 'staging', '--wait'])
  await done(['promote', 'shop', '--to', 'production', '--wait'], 3)
  const [change = ''] = (await done(['change', 'list', '--state', 'open', '--quiet'])).split('\n')
  const [waiting = ''] = (await done(['run', 'list', '--state', 'waiting', '--quiet'])).split('\n')
  const shop = join(folder, 'shop')
  await done(['clone', 'shop', shop])
  await writeFile(join(shop, 'README.md'), 'Open on Sundays.\n')
  for (const argv of [
    ['add', '.'],
    ['commit', '--quiet', '-m', 'Say when it is open'],
    ['push', '--quiet'],
  ]) {
    const result = await git(platform, shop, ...argv)
    if (result.exit !== 0) throw new Error(result.stderr)
  }
  const released = async () =>
    JSON.parse(await done(['run', 'list', '--service', 'shop', '--json'])) as { workflow: string; state: string }[]
  const isOver = async () =>
    (await released()).some(({ workflow, state }) => workflow === 'release' && state === 'succeeded')
  await waitUntil(isOver, { what: 'the second release', ms: 90_000, everyMs: 500 })
  await pastThePlatform(platform, { service: 'till', environment: 'dev', replicas: 3 })
  const isSeen = async () => (await done(['drift', 'till', '--json'])).includes('Mallory')
  await waitUntil(isSeen, { what: 'the drift', ms: 90_000, everyMs: 500 })
  return { waiting, change, other: 'till' }
}

interface Portal {
  open(person: string, path: string): Promise<Page>
  close(): Promise<void>
}

/** One page for each person; absent without Chromium. */
async function openPortal(platform: TestPlatform): Promise<Portal | undefined> {
  const chromium = findChromium()
  if (!chromium) return undefined
  const browser = await openBrowser(chromium)
  const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
  const pages = new Map<string, Page>()
  const signIn = async (person: string) => {
    const context: BrowserContext = await browser.newContext({ reducedMotion: 'reduce' })
    const answer = await context.request.post(`${platform.url}/api/v1/sessions`, { data: { user: person, key } })
    if (!answer.ok()) throw new Error(await answer.text())
    return context.newPage()
  }
  return {
    async open(person, path) {
      const page = pages.get(person) ?? (await signIn(person))
      pages.set(person, page)
      await page.goto(`${platform.url}${path}`)
      await page.locator('h1, [role="alert"]').first().waitFor({ timeout: 60_000 })
      return page
    },
    close: () => browser.close(),
  }
}

async function read(page: Page, wanted: (text: string) => boolean): Promise<{ found: boolean; text: string }> {
  let text = ''
  const isThere = async () => {
    text = await page.locator('main').innerText()
    return wanted(text)
  }
  const found = await waitUntil(isThere, { what: 'the words', ms: 15_000, everyMs: 200 }).catch(() => false)
  return { found, text }
}

async function isUsable(page: Page, name: RegExp): Promise<boolean> {
  const settled = async () => (await page.locator('[aria-busy="true"]').count()) === 0
  await waitUntil(settled, { what: 'the page to load', ms: 30_000, everyMs: 100 })
  const found = page.getByRole('button', { name }).or(page.getByRole('link', { name })).first()
  if ((await found.count()) === 0) return false
  return (await found.getAttribute('aria-disabled')) !== 'true' && (await found.isEnabled())
}
