import { useQuery } from '@tanstack/react-query'
import { GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import { CopyCli } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Filters } from '../ui/Filters.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { AuditChain } from './AuditChain.tsx'
import { AuditTable } from './AuditTable.tsx'

const facets = [
  { name: 'actor', label: 'Who' },
  { name: 'action', label: 'Action' },
  { name: 'object', label: 'Object' },
  { name: 'run', label: 'Run' },
]

/** The audit log, newest first. */
export function ActivityPage() {
  const [address, set] = useAddress()
  const { actor, action, object, run, cursor } = address
  const filter = {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(object && { object }),
    ...(run && { run }),
    ...(cursor && { cursor }),
  }
  const audit = useQuery(queries.audit({ limit: 100, ...filter }))
  const denied = (audit.error as { code?: string } | null)?.code === 'NOT_ALLOWED'
  return (
    <Page
      title="Activity"
      subtitle="Every act of a person or of the platform, as the audit log has it."
      actions={<CopyCli command={`fairway audit list${actor ? ` --actor ${actor}` : ''}`} />}
    >
      <Filters facets={facets} values={address} set={set} />
      {denied ? (
        <Empty
          title="You may not read the whole audit log"
          body={`${(audit.error as Error).message}. The tab Activity of your teams' services shows theirs.`}
          action={<GoButton to={paths.catalog}>Open the catalog</GoButton>}
        />
      ) : (
        <Loaded query={audit} lines={12}>
          {({ items, next }) => (
            <>
              <AuditChain />
              <div className="card">
                <AuditTable records={items} />
              </div>
              {next && (
                <div>
                  <GoButton
                    variant="default"
                    to={`${paths.activity}?${new URLSearchParams({ ...filter, cursor: next }).toString()}`}
                  >
                    Older records
                  </GoButton>
                </div>
              )}
            </>
          )}
        </Loaded>
      )}
    </Page>
  )
}
