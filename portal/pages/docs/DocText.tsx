import './docs.css'
import type { Root } from 'hast'
import type { DocPage } from '../../model.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Anchor } from './Anchor.tsx'
import { Markdown } from './Markdown.tsx'

/** A page's words with a list of its headings beside them. Its first heading is the title of the page around it. */
export function DocText({ page }: { readonly page: DocPage }) {
  if (page.problem !== undefined)
    return <Empty title="This page cannot be shown" body={`${page.path}: ${page.problem}.`} />
  const headings = page.headings.filter(({ depth }) => depth === 2)
  return (
    <div className="doc">
      <Markdown tree={withoutTitle(page.tree as Root)} />
      {headings.length > 1 && (
        <nav aria-label="On this page">
          <ul>
            {headings.map(({ id, text }) => (
              <li key={id}>
                <Anchor to={id}>{text}</Anchor>
              </li>
            ))}
          </ul>
        </nav>
      )}
    </div>
  )
}

function withoutTitle(tree: Root): Root {
  const at = tree.children.findIndex((node) => node.type === 'element' && node.tagName === 'h1')
  return at === -1 ? tree : { ...tree, children: tree.children.filter((_, index) => index !== at) }
}
