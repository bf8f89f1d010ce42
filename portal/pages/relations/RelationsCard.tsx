import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import type { Relations } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { shortVersion } from '../../ui/Copy.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Status } from '../../ui/Status.tsx'
import { RelationGraph } from './RelationGraph.tsx'

/** What an entity is to others: a drawing, and a table that says the same with where it was read. */
export function RelationsCard({ path }: { path: { kind: string; namespace: string; name: string } }) {
  const query = useQuery(queries.relations(path))
  return (
    <Card title="Relations" flush>
      <Loaded query={query} lines={6}>
        {(relations) =>
          relations.items.length === 0 ? (
            <Empty
              title="It relates to nothing"
              body="Relations come from catalog-info.yaml (owner, system, dependsOn, providesApis, consumesApis), from score.yaml and from deployments."
            />
          ) : (
            <>
              <RelationGraph relations={relations} />
              <RelationTable relations={relations} />
              {relations.more > 0 && <More relations={relations} />}
            </>
          )
        }
      </Loaded>
    </Card>
  )
}

function RelationTable({ relations: { items, name } }: { relations: Relations }) {
  return (
    <DataTable
      label={`Relations of ${name}`}
      rows={items}
      rowKey={({ relation, ref }) => `${relation} ${ref}`}
      empty={null}
      columns={[
        { header: 'Relation', cell: ({ relation }) => <span style={{ whiteSpace: 'nowrap' }}>{relation}</span> },
        {
          header: 'To',
          cell: ({ link, name: other }) =>
            link ? (
              <Go to={link} fw={600}>
                {other}
              </Go>
            ) : (
              <>
                {other}{' '}
                <Text span size="sm" c="dimmed">
                  not in the catalog
                </Text>
              </>
            ),
        },
        { header: 'Kind', cell: ({ kind }) => kind },
        {
          header: 'Standing',
          cell: ({ state, detail }) => (
            <>
              {state && <Status state={state} />} {detail && <code>{shortVersion(detail)}</code>}
            </>
          ),
        },
        {
          header: 'Read in',
          cell: ({ source }) => (
            <Text span size="sm" c="dimmed">
              {source}
            </Text>
          ),
        },
      ]}
    />
  )
}

function More({ relations: { more, kind, name } }: { relations: Relations }) {
  return (
    <Text size="sm" p="md">
      And {more} more. {kind === 'group' && <Go to={`${paths.catalog}?owner=${name}`}>Everything that {name} owns</Go>}
      {kind === 'environment' && <Go to={paths.matrix}>Everything that runs there</Go>}
    </Text>
  )
}
