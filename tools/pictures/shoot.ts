import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { waitUntil } from '../../testing/wait-until.ts'
import type { Pictured } from './pages.ts'

/** Where the platform is, and the key of its login. */
export interface Place {
  readonly url: string
  readonly key: string
}

interface Series {
  readonly as: string
  readonly scheme: (typeof schemes)[number]
}

const schemes = ['light', 'dark'] as const
const widths = [1280, 768, 320] as const

/** A picture of each page in both schemes and all widths; resolves with their number. Pages that are wider than the screen are named. */
export async function shootAll(
  browser: Browser,
  { place, pages, folder }: { place: Place; pages: readonly Pictured[]; folder: string },
): Promise<number> {
  const series = schemes.flatMap((scheme) => [...new Set(pages.map(({ as }) => as))].map((as) => ({ scheme, as })))
  await Promise.all(series.map((one) => shootAs(browser, { ...one, place, pages, folder })))
  return pages.length * schemes.length * widths.length
}

async function shootAs(
  browser: Browser,
  { as, scheme, place, pages, folder }: Series & { place: Place; pages: readonly Pictured[]; folder: string },
): Promise<void> {
  const context = await browser.newContext({ colorScheme: scheme, reducedMotion: 'reduce' })
  if (as !== 'nobody') await signedIn(context, { ...place, as })
  for (const page of pages.filter((one) => one.as === as))
    for (const width of widths) {
      const file = join(folder, `${page.name}.${scheme}.${width}.png`)
      await shoot(context, { url: place.url + page.path, width, file })
    }
  await context.close()
}

export async function signedIn(context: BrowserContext, { url, key, as }: Place & { as: string }): Promise<void> {
  const answer = await context.request.post(`${url}/api/v1/sessions`, { data: { user: as, key } })
  if (!answer.ok()) throw new Error(await answer.text())
}

/** One picture of the whole page, once nothing on it loads any more. */
export async function shoot(
  context: BrowserContext,
  { url, width, file, fullPage = true }: { url: string; width: number; file: string; fullPage?: boolean },
): Promise<void> {
  const page = await context.newPage()
  await page.setViewportSize({ width, height: 860 })
  await page.goto(url)
  await page.locator('h1, [role="alert"]').first().waitFor()
  await waitUntil(async () => (await page.locator('[aria-busy="true"]').count()) === 0, {
    what: `${url} to load`,
    ms: 60_000,
  })
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth'))
  if (wide > width) console.log(`${url} is ${wide} px wide on a screen of ${width}`)
  await page.screenshot({ path: file, fullPage })
  await page.close()
}
