import { paths } from './paths.ts'

/** The pages of the navigation in its order, with the second key of `g …`. */
export const pages = [
  { title: 'Home', path: paths.home, key: 'h' },
  { title: 'Catalog', path: paths.catalog, key: 'c' },
  { title: 'Create', path: paths.create, key: 'n' },
  { title: 'Runs', path: paths.runs, key: 'r' },
  { title: 'Changes', path: paths.changes, key: 'm' },
  { title: 'Deployments', path: paths.matrix, key: 'd' },
  { title: 'Environments', path: paths.environments, key: 'e' },
  { title: 'Policies', path: paths.policies, key: 'p' },
  { title: 'Activity', path: paths.activity, key: 'a' },
  { title: 'Docs', path: paths.docs, key: 'o' },
] as const

export type KeyAct =
  | 'palette'
  | 'acts'
  | 'list'
  | 'filter'
  | 'next-row'
  | 'row-before'
  | 'tab-before'
  | 'next-tab'
  | 'out'
  // what the browser does by itself: named for people, not handled
  | 'native'

export interface Shortcut {
  /** As people read it: keys that are pressed after each other or, with Ctrl, together. */
  readonly keys: string
  readonly does: string
  readonly group: 'Anywhere' | 'On a page' | 'Go to'
  readonly act: KeyAct | { readonly go: string }
  /** Works inside inputs too, and when single keys are switched off. */
  readonly always?: true
}

/** Every shortcut of the portal: the handler, the list behind `?`, the palette and docs/guide/keyboard.md all say these. */
export const shortcuts: readonly Shortcut[] = [
  { keys: 'Ctrl K', does: 'Search and act', group: 'Anywhere', act: 'palette', always: true },
  { keys: '?', does: 'Keyboard shortcuts', group: 'Anywhere', act: 'list' },
  { keys: 'Esc', does: 'Close, or one level out', group: 'Anywhere', act: 'out' },
  { keys: '.', does: 'Acts of this page', group: 'On a page', act: 'acts' },
  { keys: '/', does: 'Filter', group: 'On a page', act: 'filter' },
  { keys: 'j', does: 'Next row', group: 'On a page', act: 'next-row' },
  { keys: 'k', does: 'Row before', group: 'On a page', act: 'row-before' },
  { keys: 'Enter', does: 'Open the row', group: 'On a page', act: 'native' },
  { keys: '[', does: 'Tab before', group: 'On a page', act: 'tab-before' },
  { keys: ']', does: 'Next tab', group: 'On a page', act: 'next-tab' },
  ...pages.map(({ title, path, key }) => ({
    keys: `g ${key}`,
    does: title,
    group: 'Go to' as const,
    act: { go: path },
  })),
  { keys: 'g s', does: 'Search', group: 'Go to', act: 'palette' },
]

/** The keys of an act or of a page's address, for whoever shows them beside it. */
export function keysOf(act: KeyAct | { readonly go: string }): string | undefined {
  return shortcuts.find((one) =>
    typeof act === 'string' ? one.act === act : typeof one.act !== 'string' && one.act.go === act.go,
  )?.keys
}

/** One level further out; undefined at home. */
export function outOf(pathname: string): string | undefined {
  const [section, ...rest] = pathname.split('/').filter(Boolean)
  if (section === undefined) return undefined
  if (section === 'admin' || rest.length === 0) return paths.home
  const isDeeper = (section === 'catalog' && rest.length > 3) || (section === 'runs' && rest.length > 1)
  if (isDeeper) return `/${[section, ...(section === 'runs' ? rest.slice(0, 1) : rest.slice(0, -1))].join('/')}`
  if (section === 'catalog' && rest[0] !== 'component') return `${paths.catalog}?kind=${rest[0]}`
  return `/${section}`
}
