import type { DocEntry } from '../../model.ts'

interface Shelf {
  readonly title: string
  readonly about: string
  readonly pages: readonly DocEntry[]
}

const readers = [
  {
    title: 'Developers',
    about: 'ship and run a service',
    folders: [],
    pages: [
      'README',
      'how-do-i',
      'first-service',
      'inner-loop',
      'secrets',
      'drift',
      'packaging',
      'adopt',
      'notifications',
      'keyboard',
    ],
  },
  { title: 'Platform engineers', about: 'keep the paths', folders: ['recipes'], pages: ['golden-paths'] },
  {
    title: 'Security engineers and auditors',
    about: 'keep the rules, read the evidence',
    folders: [],
    pages: ['rules', 'supply-chain', 'audit', 'security'],
  },
  { title: 'Operators', about: 'run the platform', folders: ['adapters'], pages: ['operations', 'kubernetes'] },
  { title: 'Reference', about: 'generated from the program', folders: ['reference'], pages: [] },
  { title: 'Decisions', about: 'why it is as it is', folders: ['decisions'], pages: [] },
] as const

/** Fairway's pages by who reads them, and a shelf for each repository. A page that no shelf asks for stands with the reference. */
export function shelves(docs: readonly DocEntry[]): readonly Shelf[] {
  const own = docs.filter(({ source }) => source === 'fairway')
  const taken = new Set<DocEntry>()
  const ofReaders = readers.map(({ title, about, folders, pages }) => {
    const byName = pages.flatMap((name) =>
      own.filter(({ path }) => path.endsWith(`${name}.md`) && nameOf(path) === name),
    )
    const byFolder = own.filter(({ path }) => folders.some((folder) => path.startsWith(`docs/${folder}/`)))
    const found = [...new Set([...byName, ...byFolder])].filter((page) => !taken.has(page))
    for (const page of found) taken.add(page)
    return { title, about, pages: found }
  })
  const rest = own.filter((page) => !taken.has(page))
  const withRest = ofReaders.map((shelf) =>
    shelf.title === 'Reference' ? { ...shelf, pages: [...shelf.pages, ...rest] } : shelf,
  )
  const services = Object.entries(
    Object.groupBy(
      docs.filter(({ source }) => source !== 'fairway'),
      ({ source }) => source,
    ),
  )
  const ofServices = services.map(([source, pages]) => ({ title: source, about: 'a service', pages: pages ?? [] }))
  return [...withRest, ...ofServices].filter(({ pages }) => pages.length > 0)
}

const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.md$/, '')
