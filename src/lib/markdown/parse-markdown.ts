import type { Element, ElementContent, Root } from 'hast'
import { toText } from 'hast-util-to-text'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import rehypeSlug from 'rehype-slug'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'

export interface Heading {
  readonly depth: number
  readonly text: string
  /** Its anchor on the page. */
  readonly id: string
}

/** A page as data: elements of an allow-list only, so that whoever shows it cannot be made to run anything. */
export interface ParsedMarkdown {
  readonly tree: Root
  /** The first heading's words. */
  readonly title?: string
  readonly headings: readonly Heading[]
  /** All its words, for a search. */
  readonly text: string
}

const limits = { characters: 256 * 1_024, depth: 60, elements: 20_000 } as const

/**
 * Reads GitHub-flavoured Markdown. HTML in it is left out, links and images keep their address as it was written and
 * only with a scheme of the allow-list (T17, T45). Throws where a text is larger or deeper than any page needs.
 */
export function parseMarkdown(text: string): ParsedMarkdown {
  if (text.length > limits.characters) throw new Error(`it has more than ${limits.characters} characters`)
  const pipeline = unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype)
    .use(rehypeSlug)
    .use(rehypeSanitize, schema)
  const tree = pipeline.runSync(pipeline.parse(text)) as Root
  refuseCostly(tree)
  const headings = headingsOf(tree)
  const title = headings[0]?.text
  return { tree: withoutPositions(tree), ...(title !== undefined && { title }), headings, text: toText(tree) }
}

/** The default allow-list is GitHub's; anchors lose its prefix, which is there for pages that share an address with others. */
const schema = {
  ...defaultSchema,
  clobberPrefix: '',
  clobber: [],
  protocols: { ...defaultSchema.protocols, href: ['http', 'https', 'mailto'], src: ['https'] },
}

function refuseCostly(tree: Root): void {
  let elements = 0
  const look = (node: Root | ElementContent, depth: number): void => {
    if (++elements > limits.elements) throw new Error(`it has more than ${limits.elements} parts`)
    if (depth > limits.depth) throw new Error(`it is nested deeper than ${limits.depth}`)
    if ('children' in node) for (const child of node.children) look(child as ElementContent, depth + 1)
  }
  look(tree, 0)
}

function headingsOf(tree: Root): readonly Heading[] {
  return tree.children
    .filter((node): node is Element => node.type === 'element' && /^h[1-6]$/.test(node.tagName))
    .map((node) => ({
      depth: Number(node.tagName.slice(1)),
      text: toText(node).trim(),
      id: String(node.properties['id'] ?? ''),
    }))
}

function withoutPositions(tree: Root): Root {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'position' ? undefined : value))) as Root
}
