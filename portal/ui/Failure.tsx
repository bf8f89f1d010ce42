import { Alert, Button, Code, Group, Text } from '@mantine/core'
import { IconAlertCircle } from '@tabler/icons-react'

/** What a thrown problem says of itself. */
export interface Told {
  readonly code?: string
  readonly message: string
  readonly hint?: string
  readonly requestId?: string
}

export function told(error: unknown): Told {
  const { code, message, hint, facts } = (error ?? {}) as {
    code?: string
    message?: string
    hint?: string
    facts?: { requestId?: string }
  }
  const offline = error instanceof TypeError
  return {
    message: offline ? 'The server does not answer.' : (message ?? 'Something failed.'),
    ...(offline ? { hint: 'Is the platform running? Start it with npm start, then retry.' } : hint && { hint }),
    ...(code && { code }),
    ...(facts?.requestId && { requestId: facts.requestId }),
  }
}

/** What happened, what to do, and the request id to name when asking for help. */
export function Failure({ error, retry, title }: { error: unknown; retry?: (() => void) | undefined; title?: string }) {
  const { code, message, hint, requestId } = told(error)
  return (
    <Alert
      variant="outline"
      color="red"
      icon={<IconAlertCircle aria-hidden />}
      title={title ?? 'That did not work'}
      role="alert"
      styles={{ title: { color: 'var(--fw-bad)' }, icon: { color: 'var(--fw-bad)' } }}
    >
      <Text size="sm">{message}</Text>
      {hint && (
        <Text size="sm" mt={4}>
          What to do: {hint}
        </Text>
      )}
      <Group gap="xs" mt={8}>
        {retry && (
          <Button variant="default" onClick={retry}>
            Retry
          </Button>
        )}
        {code && <Code>{code}</Code>}
        {requestId && (
          <Text size="xs" c="dimmed">
            request {requestId}
          </Text>
        )}
      </Group>
    </Alert>
  )
}
