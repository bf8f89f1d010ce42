import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Drift } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { Card } from '../../ui/Card.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { SettleDrift } from './SettleDrift.tsx'

/** What differs from what was approved: by field, since when, by whom, and the two ways out of it. */
export function DriftList({ service, environment }: { service?: string; environment?: string | undefined }) {
  const drift = useQuery(queries.drift({ ...(service && { service }), ...(environment && { environment }) }))
  return (
    <Loaded query={drift} lines={3}>
      {({ items }) =>
        items.length === 0 ? (
          <Card title="Drift" flush>
            <Empty title="No drift" body="What runs is what Git holds, and what Git holds was approved." />
          </Card>
        ) : (
          items.map((one) => <OneDrift key={one.id} drift={one} />)
        )
      }
    </Loaded>
  )
}

/** Drift of what belongs to no service: a folder or a file that nobody of the platform put there. Nothing when there is none. */
export function UnownedDrift() {
  const drift = useQuery(queries.drift({}))
  const unowned = (drift.data?.items ?? []).filter(({ service }) => service === undefined)
  return unowned.map((one) => <OneDrift key={one.id} drift={one} />)
}

function OneDrift({ drift }: { drift: Drift }) {
  const { summary, cause, since, fields, run, path, environment } = drift
  return (
    <Card title={`Drift in ${environment ?? path}`} aside={<Status state="drifted" />}>
      <div className="stack" style={{ gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <Text style={{ overflowWrap: 'anywhere' }}>{summary}</Text>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          Since <Ago at={since} />
          {cause?.author ? `; by ${cause.author}, as the commit says` : cause ? `; ${cause.what}` : '; cause unknown'}
          {run && (
            <>
              ; <Go to={paths.run(run)}>a run settles it</Go>
            </>
          )}
        </Text>
        <DataTable
          label={`What differs in ${environment ?? path}`}
          rows={fields}
          rowKey={({ field }) => field}
          empty={<Empty title="No field could be read" />}
          columns={[
            { header: 'Field', cell: ({ field }) => <code style={{ overflowWrap: 'anywhere' }}>{field}</code> },
            { header: 'Wanted', cell: ({ wanted }) => <Value text={wanted} /> },
            { header: 'Live', cell: ({ live }) => <Value text={live} /> },
          ]}
        />
        <SettleDrift drift={drift} />
      </div>
    </Card>
  )
}

function Value({ text }: { text: string | undefined }) {
  return text === undefined ? (
    <Text span size="sm" c="dimmed">
      absent
    </Text>
  ) : (
    <code style={{ overflowWrap: 'anywhere' }}>{text}</code>
  )
}
