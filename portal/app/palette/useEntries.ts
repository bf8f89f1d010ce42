import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { queries } from '../queries.ts'
import type { Entry } from './entry.ts'
import {
  changeEntry,
  docEntry,
  entityEntry,
  environmentEntry,
  goldenPathEntry,
  runEntry,
  serviceEntry,
} from './entriesOf.ts'
import { pageEntries } from './pageEntries.ts'
import { pageActs } from './pageActs.ts'
import { recentOf } from './recent.ts'
import { serviceActs, serviceWays } from './serviceActs.ts'

interface Entries {
  readonly entries: readonly Entry[]
  readonly isSearching: boolean
  /** What could not be asked. */
  readonly lost: readonly string[]
}

/** Everything that can be opened or done here, and what the platform finds for what was typed, once typing pauses. */
export function useEntries(query: string, opens: { list: () => void }): Entries {
  const { pathname } = useLocation()
  const [words] = useDebouncedValue(query.trim(), 150)
  const [ofPage] = useState(pageActs)
  const me = useQuery(queries.me())
  const services = useQuery(queries.services({ limit: 200 }))
  const lists = useLists(words)
  const found = useFound(words)
  const known = services.data?.items ?? []
  const here = /^\/catalog\/component\/default\/([a-z0-9-]+)/.exec(pathname)?.[1]
  const subject = here ?? known.find(({ name }) => words.toLowerCase().split(/\s+/).includes(name))?.name
  const service = useQuery({ ...queries.service(subject ?? ''), enabled: subject !== undefined })
  const person = me.data?.person.name
  const recent = useMemo(() => (person ? recentOf(person) : []), [person])
  const may = (action: string) => me.data?.actions.includes(action) ?? false
  const entries: readonly Entry[] = [
    ...recent
      .filter(({ path }) => path !== pathname)
      .map(({ path, title, detail }) => ({
        id: `recent ${path}`,
        section: 'Recent' as const,
        title,
        detail,
        open: { to: path },
      })),
    ...known.map(serviceEntry),
    ...(found.services.data?.items ?? []).map(serviceEntry),
    ...(found.entities.data?.items ?? []).map(entityEntry),
    ...(service.data && subject ? serviceActs(service.data) : []),
    ...ofPage.filter((entry) => !isCopy(entry)),
    ...(service.data && subject ? serviceWays(service.data) : []),
    ...ofPage.filter(isCopy),
    ...(may('service.create') ? (lists.templates.data?.items ?? []).map(goldenPathEntry) : []),
    ...(lists.runs.data?.items ?? []).map(runEntry),
    ...(lists.changes.data?.items ?? []).map(changeEntry),
    ...(lists.environments.data?.items ?? []).map(environmentEntry),
    ...pageEntries(may, opens),
    ...(found.docs.data?.items ?? []).map((doc) => ({ ...docEntry(doc), found: !found.docs.isPlaceholderData })),
    ...(lists.docs.data?.items ?? []).map(docEntry),
  ]
  const asked = { services, 'acts of the service': service, ...lists, entities: found.entities }
  return {
    entries,
    isSearching: words !== query.trim() || Object.values({ ...asked, ...found }).some(({ isFetching }) => isFetching),
    lost: Object.entries(asked).flatMap(([name, { isError }]) => (isError ? [name] : [])),
  }
}

// copying is the last thing one looks for among acts
const isCopy = ({ title }: Entry): boolean => title.startsWith('Copy ')

/** Lists that are short or new enough to be matched here; asked once something is typed. */
function useLists(words: string) {
  const enabled = words !== ''
  return {
    runs: useQuery({ ...queries.runs({ limit: 100 }), enabled }),
    changes: useQuery({ ...queries.changes({ limit: 100 }), enabled }),
    environments: useQuery({ ...queries.environments(), enabled }),
    templates: useQuery({ ...queries.templates(), enabled }),
    docs: useQuery({ ...queries.docs(), enabled }),
  }
}

/** What the platform finds: it has more than a page keeps. */
function useFound(words: string) {
  const enabled = words.length > 1
  return {
    services: useQuery({ ...queries.services({ q: words, limit: 20 }), enabled }),
    entities: useQuery({ ...queries.entities({ q: words, limit: 40 }), enabled }),
    docs: useQuery({ ...queries.docSearch(words), enabled }),
  }
}
