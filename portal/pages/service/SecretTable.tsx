import { Button, Group, Text } from '@mantine/core'
import type { Secret } from '../../model.ts'
import { Ago } from '../../ui/Ago.tsx'
import { type Column, DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Status } from '../../ui/Status.tsx'

interface Acts {
  readonly maySet: boolean
  readonly set: (secret: Secret) => void
  readonly remove: (secret: Secret) => void
}

/** The secrets of one environment, what is missing first. */
export function SecretTable({
  environment,
  secrets,
  ...acts
}: { environment: string; secrets: readonly Secret[] } & Acts) {
  return (
    <DataTable
      label={`Secrets in ${environment}`}
      rows={secrets.toSorted((a, b) => Number(a.state === 'set') - Number(b.state === 'set'))}
      rowKey={({ name }) => name}
      empty={<Empty title={`Nothing is set in ${environment}, and nothing is asked for`} />}
      columns={acts.maySet ? [...facts, actsColumn(acts)] : facts}
    />
  )
}

const facts: Column<Secret>[] = [
  { header: 'Secret', cell: ({ name }) => <code>{name}</code> },
  {
    header: 'Version',
    cell: ({ state, version, running }) => (
      <>
        {state === 'missing' ? <Status state="missing" /> : version}
        {running !== undefined && running !== version && (
          <Text size="sm" c="dimmed">
            {running} still runs
          </Text>
        )}
      </>
    ),
  },
  { header: 'Set by', cell: ({ setBy }) => setBy ?? '–' },
  { header: 'When', cell: ({ setAt }) => <Ago at={setAt} /> },
  { header: 'score.yaml', cell: ({ declared }) => (declared ? 'asks for it' : 'does not name it') },
]

function actsColumn({ set, remove }: Acts): Column<Secret> {
  return {
    header: 'Act',
    cell: (secret) => {
      const place = `${secret.name} in ${secret.environment}`
      if (secret.state === 'missing')
        return (
          <Button size="compact-xs" onClick={() => set(secret)} aria-label={`Set ${place}`}>
            Set
          </Button>
        )
      return (
        <Group gap={6} wrap="nowrap">
          <Button size="compact-xs" variant="default" onClick={() => set(secret)} aria-label={`Rotate ${place}`}>
            Rotate
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => remove(secret)} aria-label={`Delete ${place}`}>
            Delete
          </Button>
        </Group>
      )
    },
  }
}
