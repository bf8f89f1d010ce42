import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContext } from 'playwright-core'
import { findChromium, openBrowser } from '../testing/browser.ts'
import { preparePlatform } from '../testing/start-platform.ts'
import { waitUntil } from '../testing/wait-until.ts'

const root = join(import.meta.dirname, '..')
const service = '/catalog/component/default/shop'
const pages = [
  '/login',
  '/',
  '/catalog',
  '/create',
  '/create/http-api',
  '/runs',
  '/runs/RUN',
  '/changes',
  '/changes/fairway/delivery/1',
  ...[
    '',
    '/deployments',
    '/releases',
    '/secrets',
    '/resources',
    '/logs',
    '/metrics',
    '/traces',
    '/activity',
    '/docs',
  ].map((tab) => service + tab),
  `${service}/promote?to=staging`,
  '/environments',
  '/policies',
  '/activity',
  '/docs',
  '/docs?q=rollback',
  '/docs/fairway/docs/guide/secrets.md',
  '/admin/doctor',
  '/nowhere',
]
const widths = [1440, 768, 320]

/** Pictures of every page of a platform that really runs, with a service that was really made: `.pictures/`, or the README's. */
async function pictures({ readme }: { readme: boolean }): Promise<void> {
  const chromium = findChromium()
  if (!chromium) throw new Error('there is no Chromium on this machine; set FAIRWAY_CHROMIUM')
  const platform = await preparePlatform()
  const browser = await openBrowser(chromium)
  try {
    await platform.start()
    const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
    const run = await makeShop(browser, { url: platform.url, key, gatewayPort: platform.gatewayPort })
    const shoot = shooter(browser, { url: platform.url, key, run })
    if (readme) await shoot({ path: service, scheme: 'light', width: 1280, file: join(root, 'docs/portal.png') })
    else await shootAll(shoot)
  } finally {
    await browser.close()
    await platform.remove()
  }
}

type Shoot = (picture: { path: string; scheme: 'light' | 'dark'; width: number; file: string }) => Promise<void>

async function shootAll(shoot: Shoot): Promise<void> {
  const folder = join(root, '.pictures')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const scheme of ['light', 'dark'] as const)
    for (const width of widths)
      for (const path of pages) {
        const name = path.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '') || 'home'
        await shoot({ path, scheme, width, file: join(folder, `${name}.${scheme}.${width}.png`) })
      }
  console.log(`${pages.length * widths.length * 2} pictures in .pictures/`)
}

interface Place {
  readonly url: string
  readonly key: string
}

async function signedIn(context: BrowserContext, { url, key }: Place): Promise<void> {
  const answer = await context.request.post(`${url}/api/v1/sessions`, { data: { user: 'dev', key } })
  if (!answer.ok()) throw new Error(await answer.text())
}

/** A service through the API as the portal calls it, in staging too, with a little traffic to look at. */
async function makeShop(browser: Browser, place: Place & { gatewayPort: number }): Promise<string> {
  const context = await browser.newContext()
  await signedIn(context, place)
  const start = async (path: string, data: object) => {
    const answer = await context.request.post(place.url + path, { data })
    const { run } = (await answer.json()) as { run: { id: string } }
    await waitUntil(
      async () => {
        const { state, error } = await (await context.request.get(`${place.url}/api/v1/runs/${run.id}`)).json()
        if (state === 'failed') throw new Error(error?.detail)
        return state === 'succeeded'
      },
      { what: `${path} to succeed`, ms: 180_000, everyMs: 500 },
    )
    return run.id
  }
  const run = await start('/api/v1/services', { template: 'http-api', name: 'shop', owner: 'team-a' })
  const page = await context.newPage()
  for (let visit = 0; visit < 20; visit += 1) await page.goto(`http://shop.dev.localhost:${place.gatewayPort}/`)
  await start('/api/v1/services/shop/promotions', { to: 'staging' })
  await context.close()
  return run
}

function shooter(browser: Browser, { url, key, run }: Place & { run: string }): Shoot {
  return async ({ path, scheme, width, file }) => {
    const context = await browser.newContext({
      viewport: { width, height: 860 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    })
    if (path !== '/login') await signedIn(context, { url, key })
    const page = await context.newPage()
    await page.goto(url + path.replace('RUN', run))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('domcontentloaded')
    await waitUntil(async () => (await page.locator('[aria-busy="true"]').count()) === 0, {
      what: `${path} to load`,
      ms: 10_000,
    })
    await page.screenshot({ path: file, fullPage: path !== service })
    await context.close()
  }
}

const { values } = parseArgs({ options: { readme: { type: 'boolean', default: false } } })
await pictures(values)
