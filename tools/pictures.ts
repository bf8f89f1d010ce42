import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findChromium, openBrowser } from '../testing/browser.ts'
import { preparePlatform } from '../testing/start-platform.ts'
import { busyPages, emptyPages } from './pictures/pages.ts'
import { makeScene } from './pictures/scene.ts'
import { shoot, shootAll, signedIn } from './pictures/shoot.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, '.pictures')

/** Pictures of every page of a platform that really runs, empty and at work: `.pictures/`, or the README's. */
async function pictures({ readme }: { readme: boolean }): Promise<void> {
  const chromium = findChromium()
  if (!chromium) throw new Error('there is no Chromium on this machine; set FAIRWAY_CHROMIUM')
  const platform = await preparePlatform()
  const browser = await openBrowser(chromium)
  try {
    await platform.start()
    const place = { url: platform.url, key: (await readFile(join(platform.data, 'login-key'), 'utf8')).trim() }
    if (!readme) {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
      await shootAll(browser, { place, pages: emptyPages, folder })
    }
    const pages = busyPages(await makeScene(platform))
    if (!readme) {
      const taken = await shootAll(browser, { place, pages, folder })
      return console.log(
        `${taken} pictures of a team at work, and ${emptyPages.length * 6} of an empty platform, in .pictures/`,
      )
    }
    const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce' })
    await signedIn(context, { ...place, as: 'dev' })
    const url = `${place.url}/catalog/component/default/shop`
    await shoot(context, { url, width: 1280, file: join(root, 'docs/portal.png'), fullPage: false })
  } finally {
    await browser.close()
    await platform.remove()
  }
}

const { values } = parseArgs({ options: { readme: { type: 'boolean', default: false } } })
await pictures(values)
