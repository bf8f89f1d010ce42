import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

export interface Column<T> {
  readonly header: string
  readonly cell: (row: T) => ReactNode
  readonly width?: number | string
  readonly right?: boolean
}

interface DataTableProps<T> {
  /** What the table lists, for people who cannot see it. */
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T) => string
  readonly empty: ReactNode
}

/** A dense table that scrolls sideways inside itself on small screens. Its first column heads the rows. */
export function DataTable<T>({ label, rows, columns, rowKey, empty }: DataTableProps<T>) {
  if (rows.length === 0) return <>{empty}</>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className="tablewrap" aria-label={label} tabIndex={0}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.header} w={column.width} ta={column.right ? 'right' : undefined} scope="col">
                {column.header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} data-row>
              {columns.map((column) => (
                <Table.Td key={column.header} {...(column.right && { ta: 'right', style: { whiteSpace: 'nowrap' } })}>
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
