import './matrix.css'
import { Table, Text } from '@mantine/core'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import type { Matrix } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { shortVersion } from '../../ui/Copy.tsx'
import { Status } from '../../ui/Status.tsx'

type Row = Matrix['items'][number]
type Cell = Row['cells'][number]

/** Services head the rows, environments the columns; a cell is its release, how it stands, its age, and what it lacks of the one before. */
export function MatrixTable({ matrix: { environments, items } }: { matrix: Matrix }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className="tablewrap" aria-label="Services by environment" tabIndex={0}>
      <Table className="matrix" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Service</Table.Th>
            {environments.map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((row) => (
            <Table.Tr key={row.service} data-row>
              <Table.Th scope="row">
                <Go to={paths.service(row.service)} fw={600}>
                  {row.service}
                </Go>
                <Text size="sm" c="dimmed" fw={400}>
                  <Go to={`${paths.matrix}?owner=${row.owner}`}>{row.owner}</Go>
                </Text>
              </Table.Th>
              {row.cells.map((cell) => (
                <Table.Td key={cell.name}>
                  <OneCell row={row} cell={cell} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

function OneCell({ row, cell }: { row: Row; cell: Cell }) {
  const { release, health, sync, reason, deployedAt } = cell
  if (!release)
    return (
      <>
        <span className="mute">not deployed</span>
        <Difference row={row} cell={cell} />
      </>
    )
  return (
    <>
      <div className="at">
        <Go to={`${paths.serviceTab(row.service, 'deployments')}?environment=${cell.name}`}>
          <code title={release.version}>{shortVersion(release.version)}</code>
        </Go>
        <Status state={health} />
        {sync !== 'synced' && <Status state={sync} word={sync === 'failed' ? 'Rollout failed' : undefined} />}
      </div>
      <Text size="sm" c="dimmed">
        <Ago at={deployedAt} />
      </Text>
      {reason && health !== 'healthy' && (
        <Text size="sm" className={health === 'degraded' ? 'bad' : 'mute'} lineClamp={2} title={reason}>
          {reason}
        </Text>
      )}
      <Difference row={row} cell={cell} />
    </>
  )
}

function Difference({ row, cell: { name, behind } }: { row: Row; cell: Cell }) {
  if (!behind) return null
  return (
    <div className="behind">
      <Go to={`${paths.promote(row.service)}?to=${name}`}>{sentence(behind)}</Go>
    </div>
  )
}

function sentence({ environment, commits, orMore, isAhead }: NonNullable<Cell['behind']>): string {
  if (commits === undefined) return `${environment} can be promoted here`
  const count = `${commits}${orMore ? ' or more' : ''} ${commits === 1 ? 'commit' : 'commits'}`
  return isAhead ? `${count} ahead of ${environment}` : `${count} behind ${environment}`
}
