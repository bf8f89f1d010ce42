import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { type KeyAct, outOf, type Shortcut, shortcuts } from './keys.ts'
import { target } from './links.tsx'
import { readKept, writeKept } from './kept.ts'

const offKey = 'fairway-single-keys'

/** Single keys can be switched off (WCAG 2.1.4). */
export function singleKeysOn(): boolean {
  return readKept(offKey) !== 'off'
}

export function switchSingleKeys(on: boolean): void {
  writeKept(offKey, on ? 'on' : 'off')
}

type Opens = Readonly<Record<'palette' | 'acts' | 'list', () => void>>

/** Does what the table of keys.ts says. Off inside inputs and whatever is open, except for Ctrl K. */
export function useShortcuts(opens: Opens): void {
  const navigate = useNavigate()
  const latest = useRef(opens)
  useEffect(() => {
    latest.current = opens
  })
  useEffect(() => {
    const go = (to: string) => void navigate(target(to))
    let first: { readonly key: string; readonly at: number } | undefined
    const onKey = (event: KeyboardEvent) => {
      const pressed = keyOf(event)
      const before = first && Date.now() - first.at < 1_500 ? first.key : undefined
      first = undefined
      const found = pressed && findShortcut(before, pressed)
      if (found && (found.always || (singleKeysOn() && !isTyping(event)))) {
        const done = typeof found.act === 'string' ? perform(found.act, latest.current, go) : go(found.act.go)
        if (done !== false) event.preventDefault()
      } else if (pressed === 'g') first = { key: pressed, at: Date.now() }
    }
    // Heard before anything that is open closes on Esc, so that one Esc is one level.
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [navigate])
}

function keyOf({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): string | undefined {
  if (altKey || isComposing) return undefined
  if (ctrlKey || metaKey) return `Ctrl ${key.toUpperCase()}`
  return key === 'Escape' ? 'Esc' : key
}

function findShortcut(before: string | undefined, pressed: string): Shortcut | undefined {
  const both = before && shortcuts.find(({ keys }) => keys === `${before} ${pressed}`)
  return both || shortcuts.find(({ keys }) => keys === pressed)
}

/** False when there was nothing to do, and the key is the browser's. */
function perform(act: KeyAct, opens: Opens, go: (to: string) => void): boolean {
  if (act === 'palette' || act === 'acts' || act === 'list') opens[act]()
  else if (act === 'filter') return focusOn(document.querySelector('main [data-filter]'))
  else if (act === 'next-row' || act === 'row-before') return walkRows(act === 'next-row' ? 1 : -1)
  else if (act === 'next-tab' || act === 'tab-before') return walkTabs(act === 'next-tab' ? 1 : -1)
  else if (act === 'out') {
    const out = outOf(location.pathname)
    if (out === undefined) return false
    go(out)
  } else return false
  return true
}

function isTyping({ target, key }: KeyboardEvent): boolean {
  const above = document.querySelectorAll('dialog[open], [role="dialog"], [role="menu"], [role="listbox"]')
  if ([...above].some((element) => element.checkVisibility())) return true
  if (!(target instanceof HTMLElement)) return false
  if (!target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"]'))
    return false
  // out of a filter is out of one level, too
  if (key === 'Escape' && target.closest('[data-filter]')) target.blur()
  return true
}

function focusOn(element: HTMLElement | null | undefined): boolean {
  element?.focus()
  return Boolean(element)
}

function walkRows(by: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('main [data-row], main .rows > li')].flatMap(
    (row) => row.querySelector<HTMLElement>('a') ?? [],
  )
  const row = document.activeElement?.closest('[data-row], .rows > li')
  const at = links.findIndex((link) => row?.contains(link))
  return focusOn(links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))])
}

function walkTabs(by: 1 | -1): boolean {
  const tabs = [...document.querySelectorAll<HTMLElement>('main .tabs a')]
  const at = tabs.findIndex((tab) => tab.getAttribute('aria-current') === 'page')
  const next = tabs[at + by]
  if (at === -1 || !next) return false
  next.focus()
  next.click()
  return true
}
