import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { queries } from '../app/queries.ts'
import type { AuditReport, AuditState } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyCli, CopyText, shortId } from '../ui/Copy.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Status } from '../ui/Status.tsx'
import { saveExport } from './saveAuditExport.ts'
import { Facts } from './run/RunOutcome.tsx'

/** Whether the audit log is the one that was written: where its chain stands, what was signed, and a check on demand. */
export function AuditChain() {
  const state = useQuery(queries.auditState())
  const client = useQueryClient()
  const check = useMutation({
    mutationFn: () => client.fetchQuery(queries.auditVerification()),
    onSettled: () => client.invalidateQueries({ queryKey: ['audit-state'] }),
  })
  const save = useMutation({ mutationFn: saveExport })
  return (
    <Card title="Integrity" aside={<CopyCli command="fairway audit verify" />}>
      <Loaded query={state} lines={3}>
        {(found) => (
          <div className="stack">
            <Facts rows={rowsOf(found)} />
            <Group gap="xs">
              <Button onClick={() => check.mutate()} loading={check.isPending} disabled={found.position === 0}>
                Verify the whole chain
              </Button>
              <Button variant="default" onClick={() => save.mutate()} loading={save.isPending}>
                Download export
              </Button>
            </Group>
            {check.error && <Failure error={check.error} title="The check did not end" retry={() => check.mutate()} />}
            {save.error && <Failure error={save.error} title="The export did not end" retry={() => save.mutate()} />}
            {check.data && <Found report={check.data} />}
          </div>
        )}
      </Loaded>
    </Card>
  )
}

function rowsOf({ position, linkedAt, waiting, head, heads, verified }: AuditState): (readonly [string, ReactNode])[] {
  const unsigned = position - (head?.position ?? 0)
  return [
    [
      'Chain',
      position === 0 ? 'Nothing is chained yet' : <Since key="c" text={counted(position, 'record')} at={linkedAt} />,
    ],
    ...(waiting > 0 ? [['Waiting for their link', `${waiting}, usually less than a second`] as const] : []),
    [
      'Signed',
      head ? (
        <Since key="h" text={`up to ${head.position}, by ${counted(heads, 'head')}`} at={head.at} />
      ) : (
        'No head is signed yet'
      ),
    ],
    ...(head && unsigned > 0 ? [['Not signed yet', counted(unsigned, 'newer record')] as const] : []),
    ...(head
      ? [
          [
            'Key',
            <CopyText key="k" text={head.key} shown={shortId(head.key)} label="Copy the key’s fingerprint" />,
          ] as const,
        ]
      : []),
    ['Last check', verified ? <Checked key="v" verified={verified} /> : 'None since the platform started'],
  ]
}

const brokenWords =
  'Records were changed, removed or moved. Keep an export and all backups, and compare with an earlier export or a clone of the platform repository.'

function signedWords(signed: number): string {
  return signed === 0 ? 'none of them signed yet' : `signed up to position ${signed}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function Since({ text, at }: { text: string; at: string | undefined }) {
  return (
    <>
      {text}, <Ago at={at} />
    </>
  )
}

function Checked({ verified }: { verified: NonNullable<AuditState['verified']> }) {
  const { ok, problems, position, at } = verified
  return (
    <Group gap={6} align="baseline">
      <Status state={ok ? 'ok' : 'problem'} word={ok ? `Holds up to ${position}` : counted(problems, 'problem')} />
      <Ago at={at} />
    </Group>
  )
}

function Found({ report }: { report: AuditReport }) {
  const open = report.intents.filter(({ state }) => state !== 'going')
  return (
    <output className="stack">
      <Status state={report.ok ? 'ok' : 'problem'} word={report.ok ? 'The chain holds' : 'The chain does not hold'} />
      <Text size="sm">
        {report.ok ? `${counted(report.rows, 'record')}, ${signedWords(report.signed)}.` : brokenWords}
      </Text>
      {!report.ok && (
        <DataTable
          label="Problems"
          rows={report.problems}
          rowKey={({ position, seq, message }) => `${position} ${seq} ${message}`}
          columns={[
            { header: 'Position', cell: ({ position }) => position ?? '' },
            { header: 'Record', cell: ({ seq }) => seq ?? '' },
            { header: 'What does not fit', cell: ({ message }) => message },
          ]}
          empty={null}
        />
      )}
      {open.length > 0 && (
        <DataTable
          label="Announced without an end"
          rows={open}
          rowKey={({ seq }) => String(seq)}
          columns={[
            { header: 'Record', cell: ({ seq }) => seq },
            { header: 'Announced', cell: ({ action, object }) => `${action} on ${object}` },
            {
              header: 'Why',
              cell: ({ state }) => (state === 'repeated' ? 'a later attempt did it again' : 'it was cut off'),
            },
          ]}
          empty={null}
        />
      )}
    </output>
  )
}
