import { wordFor } from '../../ui/vocabulary.ts'

const colours = { good: '#1a7f4b', bad: '#b42318', warn: '#b97400', busy: '#3157b3', mute: '#646b73' }

/** The tab carries the state of what it shows, in title and icon, until it is left. */
export function showInTab(state: string, title: string): () => void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const colour = colours[wordFor(state).tone]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#27448f"/><path d="M11 6 7 26M21 6l4 20" stroke="#fff" stroke-width="2.6"/><circle cx="24" cy="24" r="8" fill="${colour}" stroke="#fff" stroke-width="2"/></svg>`
  // after the page's own title, which is set in the same turn
  queueMicrotask(() => (document.title = title))
  icon?.setAttribute('href', `data:image/svg+xml,${encodeURIComponent(svg)}`)
  return () => icon?.setAttribute('href', '/favicon.svg')
}
