import { useEffect, useRef } from 'react'

/**
 * After a page was opened the focus is on its heading, or on the tab that was chosen, so that reading and tabbing go on there.
 * It waits for the heading while the page loads, and gives way as soon as the person moves the focus.
 */
export function useRouteFocus(pathname: string): void {
  const last = useRef<Element | null>(null)
  const shown = useRef(pathname)
  useEffect(() => {
    const remember = ({ target }: FocusEvent) => (last.current = target instanceof Element ? target : null)
    document.addEventListener('focusin', remember)
    return () => document.removeEventListener('focusin', remember)
  }, [])
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    const began = document.activeElement
    const from = last.current?.closest('.tabs')?.getAttribute('aria-label')
    const tabOf = () => document.querySelector<HTMLElement>(`main .tabs[aria-label="${from}"] a[aria-current="page"]`)
    let ours: HTMLElement | undefined
    const settle = () => {
      const now = document.activeElement
      if (now !== null && now !== document.body && now !== began && now !== ours) return stop()
      if (ours?.isConnected && now === ours) return
      const heading = document.querySelector<HTMLElement>('main h1')
      const place = (from && heading && tabOf()) || heading
      if (!place || place === ours) return
      ours = place
      if (place === heading) place.tabIndex = -1
      place.focus({ preventScroll: place === heading })
    }
    const watch = new MutationObserver(settle)
    const stop = () => watch.disconnect()
    watch.observe(document.body, { childList: true, subtree: true })
    settle()
    const end = setTimeout(stop, 20_000)
    return () => {
      stop()
      clearTimeout(end)
    }
  }, [pathname])
}
