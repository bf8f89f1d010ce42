import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Go } from '../app/links.tsx'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { yamlOf } from '../ui/yamlOf.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'

const CodeView = lazy(async () => ({ default: (await import('../ui/CodeView.tsx')).CodeView }))

/** An entity of any kind: its own text, its relations, where it was read and when. */
export function EntityPage() {
  const path = useParams({ strict: false }) as { kind: string; namespace: string; name: string }
  const found = useQuery(queries.entity(path))
  return (
    <Loaded query={found} lines={10}>
      {({ entity, ref, source, readAt, commit, problem }) => (
        <Page
          title={String(entity.metadata.title ?? entity.metadata.name)}
          subtitle={
            <>
              {ref} · read <Ago at={readAt} /> from {source}
              {commit && ` at ${commit.slice(0, 12)}`}
            </>
          }
          actions={<CopyCli command={`fairway catalog show ${ref}`} />}
        >
          {problem && (
            <Alert variant="outline" color="yellow" title="This entity has a problem">
              {problem}
            </Alert>
          )}
          <Card title="Definition" flush>
            <Suspense>
              <CodeView
                path={`${ref}.yaml`}
                content={yamlOf({
                  apiVersion: entity.apiVersion,
                  kind: entity.kind,
                  metadata: entity.metadata,
                  spec: entity.spec,
                })}
              />
            </Suspense>
          </Card>
          <Card title="Relations">
            {entity.relations.length === 0 && <Text size="sm">It relates to nothing.</Text>}
            <ul style={{ margin: 0, paddingLeft: 18 }}>
              {entity.relations.map((relation) => (
                <li key={`${relation.type} ${relation.targetRef}`}>
                  {relation.type} <Reference to={relation.targetRef} />
                </li>
              ))}
            </ul>
          </Card>
        </Page>
      )}
    </Loaded>
  )
}

function Reference({ to }: { to: string }) {
  const [, kind, namespace, name] = /^([\w-]+):([\w-]+)\/([\w.-]+)$/.exec(to) ?? []
  return kind && namespace && name ? <Go to={paths.entity(kind, namespace, name)}>{to}</Go> : <code>{to}</code>
}
