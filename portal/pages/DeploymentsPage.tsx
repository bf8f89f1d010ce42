import { useQuery } from '@tanstack/react-query'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import type { ServiceInEnvironment } from '../model.ts'
import { CopyCli } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Filters } from '../ui/Filters.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { PageTurner } from '../ui/PageTurner.tsx'
import { MatrixTable } from './matrix/MatrixTable.tsx'

const healths = ['healthy', 'progressing', 'degraded', 'unknown', 'absent']
const syncs = ['synced', 'progressing', 'drifted', 'failed', 'unknown', 'absent']
const names = ['q', 'owner', 'health', 'sync', 'differs'] as const

/** Which release of which service runs where, and what could be promoted: services down, environments across. */
export function DeploymentsPage() {
  const [address, set] = useAddress()
  const people = useQuery(queries.people())
  const { q, owner, health, sync, differs, cursor } = address
  const filtered = names.some((name) => address[name])
  const matrix = useQuery(
    queries.matrix({
      ...(q && { q }),
      ...(owner && { owner }),
      ...(health && { health: health as ServiceInEnvironment['health'] }),
      ...(sync && { sync: sync as ServiceInEnvironment['sync'] }),
      ...(differs && { differs: 'true' }),
      ...(cursor && { cursor }),
    }),
  )
  const facets = [
    { name: 'q', label: 'Name' },
    { name: 'owner', label: 'Owner', options: (people.data?.teams ?? []).map(({ name }) => name) },
    { name: 'health', label: 'Health', options: healths },
    { name: 'sync', label: 'Sync', options: syncs },
    { name: 'differs', label: 'Behind', options: ['true'] },
  ]
  const shown = names.filter((name) => address[name])
  const flags = shown.map((name) =>
    name === 'differs' ? ' --behind' : ` --${name === 'q' ? 'search' : name} ${address[name]}`,
  )
  return (
    <Page
      title="Deployments"
      subtitle="Every service in every environment, in promotion order."
      actions={<CopyCli command={`fairway matrix${flags.join('')}`} />}
    >
      <Filters facets={facets} values={address} set={set} />
      <Loaded query={matrix} lines={8}>
        {(found) => (
          <>
            <div className="card">
              {found.items.length > 0 ? <MatrixTable matrix={found} /> : <None filtered={filtered} />}
            </div>
            <PageTurner page={found} noun={['service', 'services']} cursor={cursor} set={set} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function None({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty title="No service matches these filters" action={<Go to={paths.matrix}>Clear filters</Go>} />
  ) : (
    <Empty
      title="No services yet"
      body="A service shows here with its first release."
      action={<Go to={paths.home}>Home has the first step</Go>}
    />
  )
}
