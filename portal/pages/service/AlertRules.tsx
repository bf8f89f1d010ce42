import { Text } from '@mantine/core'
import type { MetricsAsCode } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { Empty } from '../../ui/Empty.tsx'

/** The rules that are deployed with the service, each with what is evaluated; nothing where nobody asked for rules. */
export function AlertRules({ asCode, environment }: { asCode: MetricsAsCode; environment: string }) {
  const { alerts, unavailable } = asCode
  if (unavailable)
    return (
      <Card title="Alert rules" flush>
        <Empty title="Dashboard and alert rules are not known now" body={unavailable} />
      </Card>
    )
  if (!alerts) return null
  return (
    <Card title="Alert rules" flush>
      {alerts.length > 0 ? (
        <ul className="rows">
          {alerts.map((alert) => (
            <Rule key={alert.name} alert={alert} />
          ))}
        </ul>
      ) : (
        <Empty
          title={`No alert rules are deployed in ${environment} yet`}
          body="The platform writes them: they come with the next deployment there."
        />
      )}
    </Card>
  )
}

function Rule({ alert }: { alert: NonNullable<MetricsAsCode['alerts']>[number] }) {
  const { name, severity, summary, expression } = alert
  return (
    <li>
      <strong>{name}</strong>{' '}
      <Text span size="sm" c="dimmed">
        {severity}, once it holds for {inMinutes(alert.for)}
      </Text>
      <Text size="sm">{summary}</Text>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        <code>{expression}</code>
      </Text>
    </li>
  )
}

function inMinutes(text: string): string {
  const seconds = Number(/^(\d+)s$/.exec(text)?.[1])
  return seconds % 60 === 0 ? `${seconds / 60} min` : text
}
