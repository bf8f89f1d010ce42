import { useQuery } from '@tanstack/react-query'
import { useLocation, useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { Ago } from '../../ui/Ago.tsx'
import { CopyCli } from '../../ui/Copy.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Page } from '../../ui/Page.tsx'
import { DocText } from './DocText.tsx'

/** A page of Fairway's own documentation. */
export function ProductPage() {
  return <DocPage source="fairway" path={useParams({ strict: false })._splat ?? ''} />
}

/** Where the `type` of every error leads, with the code as its anchor. */
export function ErrorsPage() {
  return <DocPage source="fairway" path="docs/reference/errors.md" />
}

/** A page of a service's repository. */
export function RepositoryPage() {
  const { owner, repository, _splat: path = '' } = useParams({ strict: false })
  return <DocPage source={`${owner}/${repository}`} path={path} />
}

function DocPage({ source, path }: { readonly source: string; readonly path: string }) {
  const { hash } = useLocation()
  const doc = useQuery(queries.doc(source, path))
  const isThere = doc.data !== undefined
  useEffect(() => {
    if (isThere && hash) document.getElementById(decodeURIComponent(hash).toLowerCase())?.scrollIntoView()
  }, [isThere, hash])
  return (
    <Loaded query={doc} lines={16}>
      {(page) => (
        <Page
          title={page.title}
          subtitle={
            <>
              <Go to={paths.docs}>Docs</Go> · {source} · <code>{path}</code>
              {source !== 'fairway' && (
                <>
                  {' '}
                  at <code>{page.commit.slice(0, 7)}</code>, read <Ago at={page.readAt} />
                </>
              )}
            </>
          }
          actions={<CopyCli command={`fairway docs --page ${source}/${path}`} />}
        >
          <DocText page={page} />
        </Page>
      )}
    </Loaded>
  )
}
