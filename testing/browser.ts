import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

const places = [
  process.env['FAIRWAY_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The Chromium of this machine; undefined when there is none, since nothing is downloaded. */
export function findChromium(): string | undefined {
  return places.find((place) => place !== undefined && existsSync(place))
}

/** A browser that reports to nobody. */
export function openBrowser(executablePath: string): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  // Chromium's own sandbox does not start for root, as in containers.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args: [...quiet, ...asRoot] })
}

/** Everything a page complained about, console and network together. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => message.type() === 'error' && complaints.push(`console: ${message.text()}`))
  return complaints
}
