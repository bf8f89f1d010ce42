import '@mantine/spotlight/styles.css'
import { Spotlight, createSpotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { target } from './links.tsx'
import { paths } from './paths.ts'
import { places } from './places.ts'
import { queries } from './queries.ts'

const [store, spotlight] = createSpotlight()

/** Ctrl K: acts on the service of this page first, then services, golden paths and pages. */
export function Palette({ close }: { close: () => void }) {
  const navigate = useNavigate()
  const here = /^\/catalog\/component\/default\/([a-z0-9-]+)/.exec(useLocation().pathname)?.[1]
  const services = useQuery(queries.services({ limit: 200 }))
  const templates = useQuery(queries.templates())
  const environments = useQuery(queries.environments())
  const [query, setQuery] = useState('')
  useEffect(() => spotlight.open(), [])
  // Spotlight marks the first action before the new list is drawn; what is drawn then has no mark, and Enter does nothing.
  useEffect(() => {
    const drawn = setTimeout(markFirst, 60)
    return () => clearTimeout(drawn)
  }, [query])
  const item = (label: string, to: string, description?: string): SpotlightActionData => ({
    id: `${label} ${to}`,
    label,
    ...(description && { description }),
    onClick: () => void navigate(target(to)),
  })
  const names = (environments.data?.items ?? []).map(({ metadata }) => metadata.name)
  const onService = here ? actsOn(here, names, item) : []
  const groups: SpotlightActionGroupData[] = [
    ...(here ? [{ group: here, actions: onService }] : []),
    {
      group: 'Services',
      actions: (services.data?.items ?? []).map(({ name, owner, description }) =>
        item(name, paths.service(name), `${owner} · ${description}`),
      ),
    },
    {
      group: 'Create',
      actions: (templates.data?.items ?? []).map(({ name, title }) =>
        item(`New ${title}`, paths.createFrom(name), `fairway new --template ${name}`),
      ),
    },
    {
      group: 'Pages',
      actions: [
        ...places.map(({ title, path, key }) => item(title, path, `g ${key}`)),
        item('Doctor', paths.doctor, 'fairway doctor'),
      ],
    },
  ].filter(({ actions }) => actions.length > 0)
  return (
    <Spotlight
      store={store}
      query={query}
      onQueryChange={setQuery}
      actions={groups}
      shortcut={null}
      nothingFound="Nothing has this name"
      highlightQuery
      scrollable
      maxHeight={440}
      limit={12}
      searchProps={{
        placeholder: 'Search and act',
        'aria-label': 'Search and act',
        onKeyDown: ({ key }) => key === 'Enter' && markFirst(),
      }}
      onSpotlightClose={close}
    />
  )
}

function actsOn(
  name: string,
  environments: readonly string[],
  item: (label: string, to: string, description?: string) => SpotlightActionData,
) {
  return [
    ...environments
      .slice(1)
      .map((to) =>
        item(`Promote ${name} to ${to}`, `${paths.promote(name)}?to=${to}`, `fairway promote ${name} --to ${to}`),
      ),
    ...environments.map((at) =>
      item(
        `Roll back ${name} in ${at}`,
        `${paths.rollback(name)}?environment=${at}`,
        `fairway rollback ${name} --env ${at}`,
      ),
    ),
    ...environments.map((at) =>
      item(
        `Logs of ${name} in ${at}`,
        `${paths.serviceTab(name, 'logs')}?environment=${at}`,
        `fairway logs ${name} --env ${at}`,
      ),
    ),
  ]
}

function markFirst(): void {
  const actions = [...document.querySelectorAll('.mantine-Spotlight-actionsList [data-action]')]
  if (!actions.some((action) => action.hasAttribute('data-selected'))) actions[0]?.setAttribute('data-selected', 'true')
}
