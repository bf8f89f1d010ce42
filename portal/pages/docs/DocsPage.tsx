import './docs.css'
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Go } from '../../app/links.tsx'
import { paths } from '../../app/paths.ts'
import { queries } from '../../app/queries.ts'
import { useAddress } from '../../app/search.ts'
import type { DocEntry } from '../../model.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyCli } from '../../ui/Copy.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Filters } from '../../ui/Filters.tsx'
import { Loaded } from '../../ui/Loaded.tsx'
import { Page } from '../../ui/Page.tsx'
import { shelves } from './shelves.ts'

/** All documentation: Fairway's own by reader, then that of every service; one search over both. */
export function DocsPage() {
  const [address, set] = useAddress()
  const words = address['q']
  return (
    <Page
      title="Docs"
      subtitle="Of Fairway, and of every service: README.md and docs/ of its repository."
      actions={<CopyCli command={words ? `fairway docs ${words}` : 'fairway docs'} />}
    >
      <Filters facets={[{ name: 'q', label: 'Search' }]} values={address} set={set} />
      {words ? <Found words={words} /> : <Shelves />}
    </Page>
  )
}

function Shelves() {
  const docs = useQuery(queries.docs())
  return (
    <Loaded query={docs} lines={12}>
      {({ items }) => (
        <div className="shelves">
          {shelves(items).map(({ title, about, pages }) => (
            <Card key={title} title={title} aside={<Aside>{about}</Aside>} flush>
              <Pages pages={pages} />
            </Card>
          ))}
        </div>
      )}
    </Loaded>
  )
}

function Pages({ pages }: { readonly pages: readonly DocEntry[] }) {
  return (
    <ul className="rows">
      {pages.map(({ source, path, title, problem }) => (
        <li key={`${source}/${path}`}>
          <Go to={paths.doc(source, path)}>{title}</Go> <span className="mute">{problem ?? path}</span>
        </li>
      ))}
    </ul>
  )
}

function Found({ words }: { readonly words: string }) {
  const found = useQuery(queries.docSearch(words))
  return (
    <Loaded query={found} lines={6}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty
            title={`No page has “${words}”`}
            body="A search finds pages that have all the words."
            action={<Go to={paths.docs}>All pages</Go>}
          />
        ) : (
          <Card title={items.length === 1 ? '1 page' : `${items.length} pages`} aside={<Aside>best first</Aside>} flush>
            <ul className="rows">
              {items.map(({ source, path, title, excerpt }) => (
                <li key={`${source}/${path}`}>
                  <Go to={paths.doc(source, path)} fw={600}>
                    {title}
                  </Go>{' '}
                  <span className="mute">
                    {source} · {path}
                  </span>
                  <div>{excerpt}</div>
                </li>
              ))}
            </ul>
          </Card>
        )
      }
    </Loaded>
  )
}

function Aside({ children }: { readonly children: string }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  )
}
