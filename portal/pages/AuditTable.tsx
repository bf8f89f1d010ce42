import { Go } from '../app/links.tsx'
import { changePath, paths } from '../app/paths.ts'
import type { AuditRecord } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { type Column, DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Status } from '../ui/Status.tsx'

const columns: Column<AuditRecord>[] = [
  { header: 'When', cell: ({ at }) => <Ago at={at} /> },
  { header: 'Who', cell: ({ actor, onBehalfOf }) => (onBehalfOf ? `${actor} for ${onBehalfOf}` : actor) },
  { header: 'Did', cell: ({ action, phase }) => (phase === 'act' ? action : `${action} (${phase})`) },
  { header: 'To', cell: (record) => <AuditObject object={record.object} /> },
  { header: 'Result', cell: ({ result }) => (result ? <Status state={result} /> : '') },
  { header: 'Run', cell: ({ run }) => run && <Go to={paths.run(run)}>{run.slice(0, 8)}</Go> },
  { header: 'Commit', cell: ({ commit }) => commit && <code>{commit.slice(0, 12)}</code> },
  { header: 'Detail', cell: ({ detail }) => <span className="mute anywhere">{detailText(detail)}</span> },
  { header: 'No.', cell: ({ seq }) => seq, right: true },
]

/** Audit records as a table, newest first. */
export function AuditTable({ records }: { records: readonly AuditRecord[] }) {
  return (
    <DataTable
      label="Activity"
      rows={records}
      columns={columns}
      rowKey={({ seq }) => String(seq)}
      empty={<Empty title="No record matches" body="Every act of a person or of the platform leaves one." />}
    />
  )
}

function AuditObject({ object }: { object: string }) {
  const [kind, ...rest] = object.split(':')
  const id = rest.join(':')
  const to =
    kind === 'service'
      ? paths.service(id)
      : kind === 'run'
        ? paths.run(id)
        : kind === 'change'
          ? changePath(id)
          : undefined
  return to ? <Go to={to}>{object}</Go> : <>{object}</>
}

function detailText(detail: AuditRecord['detail']): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
    .slice(0, 160)
}
