import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go, GoButton } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Release } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { shortVersion } from '../../ui/Copy.tsx'
import { type Column, DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** Every release with who signed it; each opens what vouches for it. */
export function ReleasesTab() {
  return (
    <ServiceFrame tab="releases" cli="fairway release list">
      {({ name }) => <Releases name={name} />}
    </ServiceFrame>
  )
}

function Releases({ name }: { name: string }) {
  const releases = useQuery(queries.releases(name))
  return (
    <div className="stack">
      <Loaded query={releases} lines={8}>
        {({ items }) => (
          <div className="card">
            <DataTable
              label="Releases"
              rows={items}
              columns={columns}
              rowKey={({ version }) => version}
              empty={
                <Empty
                  title="No release yet"
                  body="A push to main makes one, once its pipeline passed."
                  action={<GoButton to={`${paths.runs}?service=${name}`}>Runs of {name}</GoButton>}
                />
              }
            />
          </div>
        )}
      </Loaded>
      <Text size="sm" c="dimmed">
        A release is signed by the platform, never by a pipeline. Only what verifies is deployed and started.
      </Text>
    </div>
  )
}

const columns: Column<Release>[] = [
  {
    header: 'Release',
    cell: (one) => (
      <Go to={paths.release(one.service, one.version)}>
        <code title={one.version}>{shortVersion(one.version)}</code>
      </Go>
    ),
  },
  { header: 'Commit', cell: (one) => <code>{one.commit.slice(0, 12)}</code> },
  { header: 'Message', cell: (one) => one.message },
  { header: 'Signed', cell: (one) => (one.signedBy ? 'by the platform' : 'no: from before images were signed') },
  { header: 'By', cell: (one) => one.createdBy },
  { header: 'When', cell: (one) => <Ago at={one.createdAt} /> },
  { header: 'Run', cell: (one) => <Go to={paths.run(one.run)}>run</Go> },
]
