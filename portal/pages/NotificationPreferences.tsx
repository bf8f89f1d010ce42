import { Checkbox, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../app/api.ts'
import { queries } from '../app/queries.ts'
import type { NotificationKind } from '../model.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Failure } from '../ui/Failure.tsx'
import { Loaded } from '../ui/Loaded.tsx'

const kinds: readonly { readonly kind: NotificationKind; readonly title: string }[] = [
  { kind: 'approval-waiting', title: 'An approval waits for me' },
  { kind: 'run-failed', title: 'A run of mine failed' },
  { kind: 'rolled-back', title: 'Production of my team was rolled back' },
]
interface Chosen {
  readonly inbox: NotificationKind[]
  readonly mail: NotificationKind[]
}

/** Which kinds reach me, and how. A choice is kept at once. */
export function NotificationPreferences() {
  const found = useQuery(queries.notificationPreferences())
  const client = useQueryClient()
  const keep = useMutation({
    mutationFn: (body: Chosen) => data(api.PUT('/api/v1/notifications/preferences', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['notifications', 'preferences'] }),
  })
  return (
    <Card title="What reaches me">
      {keep.error && <Failure error={keep.error} />}
      <Loaded query={found} lines={4}>
        {({ chosen, mail, webhooks }) => {
          const box = (way: 'inbox' | 'mail', { kind, title }: (typeof kinds)[number]) => (
            <Checkbox
              aria-label={`${title}: ${way === 'mail' ? 'by mail' : 'here'}`}
              checked={chosen[way].includes(kind)}
              disabled={keep.isPending}
              onChange={({ currentTarget: { checked } }) => {
                const others = chosen[way].filter((one) => one !== kind)
                keep.mutate({ ...chosen, [way]: checked ? [...others, kind] : others })
              }}
            />
          )
          const noMail = mail.isSetUp
            ? `Mail goes to ${mail.address ?? 'nobody: org/ names no address of yours'}.`
            : 'No mail server is set up: nothing is sent, whatever is chosen.'
          const teams = webhooks.map(({ team }) => team).join(', ')
          return (
            <>
              <DataTable
                label="Preferences"
                rows={kinds}
                rowKey={({ kind }) => kind}
                empty={null}
                columns={[
                  { header: 'When', cell: ({ title }) => title },
                  { header: 'Here', cell: (row) => box('inbox', row) },
                  { header: 'By mail', cell: (row) => box('mail', row) },
                ]}
              />
              <Text size="sm" c="dimmed" mt="sm">
                {noMail} {teams ? `Webhooks are set up for ${teams}.` : 'No webhook of your teams is set up.'}
              </Text>
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}
