import { VisuallyHidden } from '@mantine/core'
import type { Element, ElementContent, Root } from 'hast'
import { toJsxRuntime } from 'hast-util-to-jsx-runtime'
import type { ComponentProps } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import { Go } from '../../app/links.tsx'
import { CopyIcon } from '../../ui/Copy.tsx'
import { WebLink } from '../../ui/WebLink.tsx'
import { Anchor } from './Anchor.tsx'

/** A page of documentation. It is a tree of elements that the platform allowed, never a text of HTML. */
export function Markdown({ tree }: { readonly tree: Root }) {
  return (
    <div className="markdown">
      {toJsxRuntime(tree, {
        Fragment,
        jsx,
        jsxs,
        passNode: true,
        components: { a: PageLink, pre: Example, table: WideTable, input: Done },
      })}
    </div>
  )
}

type Part<Tag extends 'a' | 'pre' | 'table' | 'input'> = ComponentProps<Tag> & { readonly node?: Element }

function PageLink({ href = '', children }: Part<'a'>) {
  if (href.startsWith('/')) return <Go to={href}>{children}</Go>
  if (href.startsWith('#')) return <Anchor to={href.slice(1)}>{children}</Anchor>
  return (
    <WebLink href={href} inherit>
      {children}
    </WebLink>
  )
}

function Example({ node, children }: Part<'pre'>) {
  return (
    <div className="example">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what can be scrolled must be reached by keyboard (WCAG 2.1.1) */}
      <pre tabIndex={0}>{children}</pre>
      <CopyIcon text={node ? wordsOf(node).trimEnd() : ''} label="Copy the example" />
    </div>
  )
}

function WideTable({ children }: Part<'table'>) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as above
    <div className="tablewrap" tabIndex={0}>
      <table>{children}</table>
    </div>
  )
}

/** A tick of a list: there is nothing to choose. */
function Done({ checked }: Part<'input'>) {
  return (
    <>
      <span aria-hidden>{checked ? '☑' : '☐'}</span>
      <VisuallyHidden>{checked ? 'done: ' : 'open: '}</VisuallyHidden>
    </>
  )
}

function wordsOf(node: ElementContent): string {
  if (node.type === 'text') return node.value
  return node.type === 'element' ? node.children.map(wordsOf).join('') : ''
}
