import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { places } from './places.ts'

const offKey = 'fairway-single-keys'

/** Single keys can be switched off (WCAG 2.1.4). */
export function singleKeysOn(): boolean {
  return localStorage.getItem(offKey) !== 'off'
}

export function switchSingleKeys(on: boolean): void {
  localStorage.setItem(offKey, on ? 'on' : 'off')
}

/** `g` and a letter goes to a page, `/` to the filter, `?` lists, `j` and `k` walk rows, Ctrl K opens the palette. Off inside inputs. */
export function useShortcuts({ palette, list }: { palette: () => void; list: () => void }): void {
  const navigate = useNavigate()
  const acts = useRef({ palette, list })
  useEffect(() => {
    acts.current = { palette, list }
  })
  useEffect(() => {
    let going = 0
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        return acts.current.palette()
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !singleKeysOn()) return
      const place = Date.now() - going < 1_500 && places.find(({ key }) => key === event.key)
      going = event.key === 'g' ? Date.now() : 0
      if (place) void navigate({ to: place.path })
      else if (event.key === '?') acts.current.list()
      else if (event.key === '/') focusFilter(event)
      else if (event.key === 'j' || event.key === 'k') walkRows(event.key === 'j' ? 1 : -1)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate])
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null
  )
}

function focusFilter(event: KeyboardEvent): void {
  const filter = document.querySelector<HTMLInputElement>('main [data-filter]')
  if (!filter) return
  event.preventDefault()
  filter.focus()
}

function walkRows(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('main [data-row]')].flatMap(
    (row) => row.querySelector<HTMLElement>('a') ?? [],
  )
  const at = links.indexOf(document.activeElement as HTMLElement)
  links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]?.focus()
}
