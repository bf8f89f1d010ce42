import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go, GoButton } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import type { GoldenPath } from '../model.ts'
import { Card } from '../ui/Card.tsx'
import { CopyCli, CopyText } from '../ui/Copy.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { lasting } from '../ui/time.ts'

/** The golden paths, by what comes out of them. */
export function CreatePage() {
  const templates = useQuery(queries.templates())
  return (
    <Page
      title="Create"
      subtitle="A golden path makes the repository, the pipeline, the catalog entry, the environments and the first deployment."
      actions={<CopyCli command="fairway template list" />}
    >
      <Loaded query={templates}>
        {({ items }) => (
          <div className="tiles">
            {items.map((path) => (
              <Tile key={path.name} path={path} />
            ))}
            <Card
              title="A repository that is there already"
              aside={
                <GoButton to={paths.adopt} aria-label="Adopt a repository">
                  Adopt
                </GoButton>
              }
            >
              <Text size="sm" className="prose">
                One change request says what it is; with the merge it is on the path. The dry run shows the files and
                what the rules would say. <Go to={paths.doc('fairway', 'docs/guide/adopt.md')}>How that works</Go>
              </Text>
              <CopyText text="fairway adopt TEAM/NAME --dry-run" label="Copy the command" />
            </Card>
            {items.length === 0 && (
              <Empty
                title="There is no golden path"
                body="Platform engineers add one under templates/ of the platform repository."
              />
            )}
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function Tile({ path }: { path: GoldenPath }) {
  const used =
    path.usedBy === 0 ? 'not used yet' : `used by ${path.usedBy} ${path.usedBy === 1 ? 'service' : 'services'}`
  return (
    <Card
      title={path.title}
      aside={
        <GoButton to={paths.createFrom(path.name)} aria-label={`Start ${path.title}`}>
          Start
        </GoButton>
      }
    >
      <Text size="sm">{path.description}</Text>
      <Text size="sm" c="dimmed" mt={6}>
        By {path.owner} · {used}
        {path.medianSeconds !== undefined && ` · usually ${lasting(path.medianSeconds)}`} · version{' '}
        {path.version.slice(0, 7)}
      </Text>
      <Group gap={6} mt={8}>
        {path.tags.map((tag) => (
          <Badge key={tag} variant="default" size="sm" tt="none" fw={400}>
            {tag}
          </Badge>
        ))}
      </Group>
      <details style={{ marginTop: 8 }}>
        <summary style={{ cursor: 'pointer', minHeight: 24 }}>What it makes</summary>
        <ol style={{ margin: '6px 0 0', paddingLeft: 20, fontSize: 13 }}>
          {path.makes.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      </details>
    </Card>
  )
}
