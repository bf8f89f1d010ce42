import { Alert } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Visited } from '../app/palette/recent.ts'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { yamlOf } from '../ui/yamlOf.ts'
import { Ago } from '../ui/Ago.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { RelationsCard } from './relations/RelationsCard.tsx'

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
          <Visited
            path={paths.entity(path.kind, path.namespace, path.name)}
            title={entity.metadata.name}
            detail={entity.kind.toLowerCase()}
          />
          <RelationsCard path={path} />
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
        </Page>
      )}
    </Loaded>
  )
}
