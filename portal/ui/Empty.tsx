import { Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** Why there is nothing here, and the next step. */
export function Empty({ title, body, action }: { title: string; body?: ReactNode; action?: ReactNode }) {
  return (
    <div style={{ padding: '24px 16px', textAlign: 'center' }}>
      <Text fw={600}>{title}</Text>
      {body && (
        <Text c="dimmed" size="sm" mt={2}>
          {body}
        </Text>
      )}
      {action && <div style={{ marginTop: 10 }}>{action}</div>}
    </div>
  )
}
