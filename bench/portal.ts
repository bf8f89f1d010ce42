import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { findChromium, openBrowser } from '../testing/browser.ts'
import { fairway } from '../testing/cli.ts'
import { preparePlatform } from '../testing/start-platform.ts'
import { waitUntil } from '../testing/wait-until.ts'
import type { Figure } from '../tools/bench.ts'
import { firstLoads } from '../tools/first-load.ts'
import { signedIn } from '../tools/pictures/shoot.ts'

const turns = Number(process.env.FAIRWAY_BENCH_TURNS ?? 7)
const service = '/catalog/component/default/shop'
const pages = ['/', '/catalog', '/runs', '/docs', service, `${service}/logs`, `${service}/promote?to=staging`]

/** What a page of the portal weighs, and how long a browser with an empty cache takes until it can be used. */
export async function bench(): Promise<readonly Figure[]> {
  const weights = firstLoads().map(({ route, gzip }) => ({
    name: `first load of ${route}, gzip`,
    value: Math.round(gzip / 100) / 10,
    unit: 'kB',
  }))
  return [...weights, ...(await timesToUse())]
}

async function timesToUse(): Promise<readonly Figure[]> {
  const chromium = findChromium()
  if (!chromium) throw new Error('there is no Chromium on this machine; set FAIRWAY_CHROMIUM')
  const platform = await preparePlatform()
  const browser = await openBrowser(chromium)
  try {
    await platform.start()
    const make = ['new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait']
    for (const argv of [['login', '--as', 'dev'], make]) {
      const { exit, stderr } = await fairway(platform, argv)
      if (exit !== 0) throw new Error(stderr)
    }
    const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
    const measure = (path: string, usable: string) => medianOf(browser, { url: platform.url, key, path, usable })
    // The smallest page that the same server gives the same browser: what is slow about the machine is in both.
    const bare = await measure('/healthz', 'body')
    const peer = { name: '/healthz of the same server in the same browser, ms', value: Math.round(bare) }
    const figures: Figure[] = []
    for (const path of pages) {
      const took = await measure(path, 'main h1')
      const ratio = Math.round((took / bare) * 10) / 10
      figures.push({ name: `until ${path} can be used`, value: Math.round(took), unit: 'ms', peer, ratio })
    }
    return figures
  } finally {
    await browser.close()
    await platform.remove()
  }
}

async function medianOf(
  browser: Browser,
  { url, key, path, usable }: { url: string; key: string; path: string; usable: string },
): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } })
    await signedIn(context, { url, key, as: 'dev' })
    const page = await context.newPage()
    const start = performance.now()
    await page.goto(url + path, { waitUntil: 'commit' })
    await page.locator(usable).first().waitFor()
    await waitUntil(async () => (await page.locator('main [aria-busy="true"]').count()) === 0, {
      what: `${path} to have what it shows`,
      ms: 30_000,
      everyMs: 5,
    })
    times.push(performance.now() - start)
    await context.close()
  }
  return times.toSorted((a, b) => a - b)[Math.floor(turns / 2)] ?? 0
}
