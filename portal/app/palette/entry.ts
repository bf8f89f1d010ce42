import { type Match, matchOf } from './match.ts'

/** The sections of the palette, in the order in which they stand. */
export const sections = [
  'Recent',
  'Catalog',
  'Acts',
  'Create',
  'Runs',
  'Changes',
  'Environments',
  'Pages',
  'Docs',
] as const
export type Section = (typeof sections)[number]

/** One line of the palette. */
export interface Entry {
  readonly id: string
  readonly section: Section
  readonly title: string
  /** What it is, in a few words. */
  readonly detail?: string | undefined
  /** The line that does or shows the same. */
  readonly cli?: string | undefined
  /** Its shortcut. */
  readonly keys?: string | undefined
  /** Words it is also found by. */
  readonly also?: string | undefined
  /** The server found it for what was typed: it stays though its title has no such word. */
  readonly found?: boolean | undefined
  readonly open: { readonly to: string } | { readonly act: () => void }
}

interface Listed {
  readonly section: Section
  readonly entries: readonly (Entry & { readonly at: readonly number[] })[]
}

const most: Readonly<Partial<Record<Section, number>>> = { Acts: 8, Pages: 16 }
const atRest: readonly Section[] = ['Recent', 'Acts', 'Pages']

/** What is shown for what was typed. Sections keep their order, only one that has what begins so goes before; equal lines keep theirs. */
export function listed(query: string, entries: readonly Entry[], limit?: number): readonly Listed[] {
  const known = new Set<string>()
  const once = entries.filter((entry) => !known.has(placeOf(entry)) && known.add(placeOf(entry)))
  const matched = once.flatMap((entry) => {
    const match = fit(query, entry)
    return match ? [{ ...entry, match, at: match.at }] : []
  })
  const isSure = matched.some(({ match }) => match.tier >= 2)
  const shown = matched.filter(({ match }) => match.tier > 0 || !isSure)
  const hasRecent = shown.some(({ section }) => section === 'Recent')
  return sections
    .filter((section) => query.trim() !== '' || atRest.includes(section) || (section === 'Catalog' && !hasRecent))
    .map((section) => ({
      section,
      entries: shown
        .filter((entry) => entry.section === section)
        .toSorted((a, b) => b.match.tier - a.match.tier || b.match.score - a.match.score)
        .slice(0, limit ?? most[section] ?? 5),
    }))
    .filter((one) => one.entries.length > 0)
    .toSorted((a, b) => tierOf(b.entries) - tierOf(a.entries))
}

function fit(query: string, { title, detail, cli, also, found }: Entry): Match | undefined {
  if (query.trim() === '') return { tier: 2, score: 0, at: [] }
  const match = matchOf(query, title, [detail, cli, also].join(' '))
  return match ?? (found ? { tier: 1, score: 0, at: [] } : undefined)
}

// what happened and what is written is titled by the service it is about: that it begins so says little
const named: readonly Section[] = ['Recent', 'Catalog', 'Create', 'Environments', 'Pages']
const tierOf = (entries: readonly (Entry & { readonly match: Match })[]): number =>
  Number(entries.some(({ section, match }) => match.tier === 3 && named.includes(section)))

// environments share a page
const placeOf = ({ id, section, open }: Entry): string => ('to' in open && section !== 'Environments' ? open.to : id)
