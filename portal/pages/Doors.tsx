import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../app/queries.ts'
import type { Door } from '../model.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Status } from '../ui/Status.tsx'

interface Row {
  readonly environment: string
  readonly policy: string
  readonly state: string
  readonly detail: string | undefined
  readonly total: number | undefined
  readonly auditedAt: string | undefined
  readonly violations: readonly { readonly object: string; readonly message: string }[]
}

/** Whether the cluster of an environment, or of each, enforces the rules by itself, and what stands there against them. */
export function Doors({ environment }: { environment?: string }) {
  const doors = useQuery(queries.admission())
  const shown = (items: readonly Door[]) => items.filter((door) => !environment || door.environment === environment)
  return (
    <Card title={environment ? 'At its cluster’s door' : 'At the clusters’ doors'} flush>
      <Loaded query={doors} lines={4}>
        {({ items }) => (
          <>
            <Sentences doors={shown(items)} />
            {shown(items).some(({ admission }) => admission.kind === 'known') && <Rules doors={shown(items)} />}
          </>
        )}
      </Loaded>
    </Card>
  )
}

/** Where nothing is enforced, or nobody can say, there is no table that could look like an answer. */
function Sentences({ doors }: { doors: readonly Door[] }) {
  const closed = doors.flatMap(({ admission }) => (admission.kind === 'not-enforced' ? [admission.reason] : []))
  return (
    <>
      {[...new Set(closed)].map((reason) => (
        <Text key={reason} size="sm" p="md" className="mute">
          Not enforced here. {reason}
        </Text>
      ))}
      {doors.map(({ environment, admission }) =>
        admission.kind === 'unknown' ? (
          <Alert key={environment} m="md" variant="outline" color="gray" title={`${environment}: unknown`}>
            <Text size="sm">Nobody can say whether the rules are enforced there: {admission.reason}</Text>
          </Alert>
        ) : admission.kind === 'known' && admission.problems.length > 0 ? (
          <Alert
            key={environment}
            m="md"
            variant="outline"
            color="red"
            title={`${environment}: objects get past the rules`}
          >
            {admission.problems.map(({ what, fix }) => (
              <Text key={what} size="sm">
                {what}. <strong>How to fix:</strong> {fix}
              </Text>
            ))}
          </Alert>
        ) : null,
      )}
    </>
  )
}

function Rules({ doors }: { doors: readonly Door[] }) {
  const rows = doors.flatMap(({ environment, admission }): Row[] =>
    admission.kind === 'known'
      ? admission.rules.map(({ policy, state, detail, total, auditedAt, violations }) => ({
          environment,
          policy,
          state,
          detail,
          total,
          auditedAt,
          violations,
        }))
      : [],
  )
  return (
    <DataTable
      label="Rules at the clusters’ doors"
      rows={rows}
      rowKey={({ environment, policy }) => `${environment} ${policy}`}
      empty={<Empty title="No rule is asked at admission" body="A rule names the gate admission in its policy.yaml." />}
      columns={[
        { header: 'Environment', cell: ({ environment }) => environment },
        { header: 'Rule', cell: ({ policy }) => <code>{policy}</code> },
        { header: 'State', cell: ({ state }) => <Status state={state} /> },
        { header: 'Standing violations', cell: (row) => <Standing row={row} /> },
        { header: 'Audited', cell: ({ auditedAt }) => (auditedAt ? <Ago at={auditedAt} /> : 'not yet') },
      ]}
    />
  )
}

function Standing({ row: { total, violations, detail } }: { row: Row }) {
  return (
    <>
      {detail && <Text size="sm">{detail}</Text>}
      {total === undefined ? 'unknown' : total}
      {violations.map(({ object, message }) => (
        <Text key={`${object} ${message}`} size="xs" className="mute">
          {object}: {message}
        </Text>
      ))}
    </>
  )
}
