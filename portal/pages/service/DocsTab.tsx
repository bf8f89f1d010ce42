import { Text } from '@mantine/core'
import { Card } from '../../ui/Card.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { ServiceFrame } from './ServiceFrame.tsx'

/** docs/index.md of the repository, as plain text. */
export function DocsTab() {
  return (
    <ServiceFrame tab="docs">
      {({ docs, repository }) =>
        docs ? (
          <Card
            title="docs/index.md"
            aside={
              <Text size="sm" c="dimmed">
                Markdown as plain text for now, from {repository.name}
              </Text>
            }
          >
            <pre style={{ whiteSpace: 'pre-wrap' }}>{docs}</pre>
          </Card>
        ) : (
          <Empty
            title="This service has no docs yet"
            body={`Add docs/index.md to ${repository.name}; it shows here.`}
          />
        )
      }
    </ServiceFrame>
  )
}
