import { useQuery } from '@tanstack/react-query'
import { queries } from '../../app/queries.ts'
import { Loaded } from '../../ui/Loaded.tsx'
import { AuditTable } from '../AuditTable.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** Who did what to this service. */
export function ActivityTab() {
  return <ServiceFrame tab="activity">{(service) => <Activity name={service.name} />}</ServiceFrame>
}

function Activity({ name }: { name: string }) {
  const activity = useQuery(queries.serviceActivity(name))
  return (
    <Loaded query={activity} lines={8}>
      {({ items }) => (
        <div className="card">
          <AuditTable records={items} />
        </div>
      )}
    </Loaded>
  )
}
