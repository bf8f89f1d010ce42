import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { waitUntil } from '../../../testing/wait-until.ts'

type Role = 'button' | 'combobox' | 'heading' | 'link' | 'switch' | 'textbox'

interface Place {
  readonly role: Role
  readonly name: string | RegExp
  /** The name of the navigation that it stands in. */
  readonly within?: string
  /** The address that the page must have by then. */
  readonly at?: RegExp
}

/** Somebody with a keyboard and no mouse. */
export interface Hands {
  readonly page: Page
  /** One key after the other. */
  press(...keys: string[]): Promise<void>
  /** Tab until it has the focus; every place on the way must be seen (WCAG 2.4.7, 2.4.11) and large enough (2.5.8). */
  tabTo(place: Place): Promise<void>
  /** It has the focus, and is seen. */
  isOn(place: Place): Promise<void>
  /** The focus comes there by itself, once the page is there. */
  landsOn(place: Place): Promise<void>
}

export function hands(page: Page): Hands {
  const isOn = async (place: Place) => {
    const locator = locate(page, place)
    await waitUntil(() => hasFocus(locator, place, page), {
      what: `${place.role} ${String(place.name)} to have the focus`,
      ms: 60_000,
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}; the focus is on ${await focused(page)} of ${page.url()}`, { cause: error })
    })
    await seen(page)
  }
  return {
    page,
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key)
    },
    async tabTo(place) {
      const locator = locate(page, place)
      await locator.waitFor()
      for (let count = 0; count < 120; count += 1) {
        if (await hasFocus(locator, place, page)) return
        await page.keyboard.press('Tab')
        await seen(page)
      }
      assert.fail(`Tab never comes to ${place.role} ${String(place.name)}; the focus is on ${await focused(page)}`)
    },
    isOn,
    landsOn: isOn,
  }
}

function locate(page: Page, { role, name, within }: Place): Locator {
  const around = within ? page.getByRole('navigation', { name: within }) : page
  return around.getByRole(role, { name, exact: true }).first()
}

async function hasFocus(locator: Locator, { at }: Place, page: Page): Promise<boolean> {
  if (at && !at.test(page.url())) return false
  if ((await locator.count()) === 0) return false
  return locator
    .evaluate((element) => element === element.ownerDocument.activeElement, undefined, { timeout: 5_000 })
    .catch(() => false)
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement?.outerHTML.slice(0, 160) ?? "nothing"')
}

/** What has the focus is inside the window, under nothing that sticks there, marked, and 24 px large unless it stands in a sentence. */
async function seen(page: Page): Promise<void> {
  const faults = await page.evaluate<string[]>(looking)
  assert.deepEqual(faults, [], page.url())
}

// A text: this program has no types of a browser.
const looking = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const element = document.activeElement
  if (!element || element === document.body || element.matches('main, .skip')) return resolve([])
  const of = element.outerHTML.slice(0, 160)
  const faults = []
  // what stands for a radio button or a switch on the screen is its label
  const label = element.matches('[type=radio], [type=checkbox]') ? element.labels[0] : undefined
  const target = label ?? element
  const box = target.getBoundingClientRect()
  const marked = [element, label, label?.firstElementChild, element.nextElementSibling, element.parentElement, element.closest('.cm-focused')]
    .some((one) => one && (getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none'))
  // a field is marked by its border
  if (!marked && !element.matches('input, textarea')) faults.push('no mark of the focus: ' + of)
  if (box.bottom < 1 || box.top > innerHeight - 1) faults.push('out of the window: ' + of)
  else {
    const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 40), 1), innerWidth - 1)
    const ys = [box.top + 3, box.top + box.height / 2, box.bottom - 3].filter((y) => y > 0 && y < innerHeight)
    const tops = ys.map((y) => document.elementFromPoint(x, y))
    const isIt = (top) => !top || target.contains(top) || top.contains(target) || target.parentElement.contains(top)
    if (tops.length > 0 && !tops.some(isIt)) faults.push('hidden behind ' + tops[0].outerHTML.slice(0, 80) + ': ' + of)
  }
  const inSentence = element.matches('a') && getComputedStyle(element).display === 'inline'
  if (element.matches('a, button, input, textarea, summary') && !inSentence && (box.width < 23.5 || box.height < 23.5))
    faults.push(Math.round(box.width) + ' by ' + Math.round(box.height) + ' px: ' + of)
  resolve(faults)
})))`
