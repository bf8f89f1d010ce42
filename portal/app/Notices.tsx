import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from './queries.ts'

/** What holds for the whole platform and needs somebody to act, above every page. Nothing when all is as it should be. */
export function Notices() {
  const { data } = useQuery(queries.notices())
  return data?.items.map(({ id, text, hint }) => (
    <Alert
      key={id}
      variant="outline"
      color="yellow"
      title="The platform needs attention"
      mb="md"
      styles={{ title: { color: 'var(--fw-warn)' } }}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {text}
      </Text>
      <Text size="sm" mt={4}>
        What to do: {hint}
      </Text>
    </Alert>
  ))
}
