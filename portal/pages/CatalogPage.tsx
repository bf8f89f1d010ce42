import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Go, GoButton, target } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import type { CatalogEntity, ServiceSummary } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Filters } from '../ui/Filters.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { PageTurner } from '../ui/PageTurner.tsx'
import { ServiceTable } from './ServiceTable.tsx'

const pageSize = 100
const kinds = ['services', 'component', 'api', 'resource', 'system', 'domain', 'group', 'user', 'template', 'location']
const healths = ['healthy', 'progressing', 'degraded', 'unknown', 'absent']
const onPaths = [
  { value: 'true', label: 'on the path' },
  { value: 'false', label: 'not yet' },
]
const syncs = ['synced', 'progressing', 'drifted', 'failed', 'unknown', 'absent']

/** Everything that exists: services with how they stand, and entities of every other kind. */
export function CatalogPage() {
  const [address, set] = useAddress()
  const people = useQuery(queries.people())
  const kind = address['kind'] ?? 'services'
  const owners = (people.data?.teams ?? []).map(({ name }) => name)
  const facets = [
    { name: 'q', label: 'Name' },
    { name: 'owner', label: 'Owner', options: owners },
    ...(kind === 'services'
      ? [
          { name: 'health', label: 'Health', options: healths },
          { name: 'sync', label: 'Sync', options: syncs },
          { name: 'onPath', label: 'Path', options: onPaths },
        ]
      : []),
  ]
  return (
    <Page
      title="Catalog"
      actions={
        <>
          <CopyCli
            command={
              kind === 'services' ? 'fairway catalog list --kind component' : `fairway catalog list --kind ${kind}`
            }
          />
          <GoButton to={paths.create}>New service</GoButton>
        </>
      }
    >
      <nav className="tabs" aria-label="Kinds" style={{ marginBottom: 0 }}>
        {kinds.map((name) => (
          <KindLink key={name} kind={name} here={name === kind} />
        ))}
      </nav>
      <Filters facets={facets} values={address} set={set} />
      {kind === 'services' ? (
        <Services address={address} set={set} />
      ) : (
        <Entities kind={kind} address={address} set={set} />
      )}
    </Page>
  )
}

function KindLink({ kind, here }: { kind: string; here: boolean }) {
  const title = kind === 'services' ? 'Services' : kind === 'api' ? 'API' : `${kind[0]?.toUpperCase()}${kind.slice(1)}`
  return (
    <Link
      {...target(kind === 'services' ? paths.catalog : `${paths.catalog}?kind=${kind}`)}
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={here ? 'page' : undefined}
    >
      {title}
    </Link>
  )
}

interface Addressed {
  readonly address: Readonly<Record<string, string | undefined>>
  readonly set: (patch: Record<string, string | undefined>) => void
}

function Services({ address, set }: Addressed) {
  const { q, owner, health, sync, onPath, cursor } = address
  const filtered = Boolean(q || owner || health || sync || onPath)
  const query = {
    limit: pageSize,
    ...(cursor && { cursor }),
    ...(onPath && { onPath: onPath === 'true' ? ('true' as const) : ('false' as const) }),
    ...(q && { q }),
    ...(owner && { owner }),
    ...(health && { health: health as ServiceSummary['health'] }),
    ...(sync && { sync: sync as ServiceSummary['sync'] }),
  }
  const services = useQuery(queries.services(query))
  return (
    <Loaded query={services} lines={8}>
      {(page) => (
        <>
          <div className="card">
            <ServiceTable
              services={page.items}
              empty={
                filtered ? (
                  <Empty title="No service matches these filters" action={<Go to={paths.catalog}>Clear filters</Go>} />
                ) : (
                  <Empty
                    title="No services yet"
                    body="A service starts from a golden path."
                    action={<GoButton to={paths.create}>Create the first one</GoButton>}
                  />
                )
              }
            />
          </div>
          <PageTurner page={page} noun={['service', 'services']} cursor={cursor} set={set} />
        </>
      )}
    </Loaded>
  )
}

function Entities({ kind, address, set }: Addressed & { kind: string }) {
  const { q, owner, cursor } = address
  const filter = { ...(q && { q }), ...(owner && { owner }), ...(cursor && { cursor }) }
  const entities = useQuery(queries.entities({ kind, limit: pageSize, ...filter }))
  const columns: Column<CatalogEntity>[] = [
    {
      header: 'Name',
      cell: ({ entity }) => (
        <Go to={paths.entity(entity.kind.toLowerCase(), entity.metadata.namespace, entity.metadata.name)} fw={600}>
          {entity.metadata.name}
        </Go>
      ),
    },
    { header: 'Title', cell: ({ entity }) => entity.metadata.title ?? '' },
    { header: 'Description', cell: ({ entity }) => entity.metadata.description ?? '' },
    { header: 'Owner', cell: ({ entity }) => (entity.spec['owner'] as string | undefined) ?? '–' },
    { header: 'Source', cell: ({ source }) => source },
    { header: 'Read', cell: ({ readAt }) => <Ago at={readAt} /> },
  ]
  return (
    <Loaded query={entities} lines={8}>
      {(page) => (
        <>
          <div className="card">
            <DataTable
              label="Entities"
              rows={page.items}
              columns={columns}
              rowKey={({ ref }) => ref}
              empty={
                <Empty
                  title={`The catalog has no ${kind} here`}
                  body="Entities come from catalog-info.yaml files and from the platform repository."
                />
              }
            />
          </div>
          <PageTurner page={page} noun={['entity', 'entities']} cursor={cursor} set={set} />
        </>
      )}
    </Loaded>
  )
}
