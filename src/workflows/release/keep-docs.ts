import { posix } from 'node:path'
import type { Root } from 'hast'
import { readMarkdown } from '#lib/markdown/read-markdown.ts'
import { rewriteAddresses } from '#lib/markdown/rewrite-addresses.ts'
import { repoName } from '#model/names.ts'
import { isSafeLink } from '#model/safe-link.ts'
import { docsCommit, replaceDocs, type StoredPage } from '#store/doc-page.ts'
import { serviceRepo } from '../deliver/place.ts'
import type { Platform } from '../platform.ts'

const most = { pages: 200, characters: 2 * 1_024 * 1_024 } as const

/** Reads README.md and docs/ of a service at a commit. What is wrong with a page is said in its place; nothing fails for it. */
export async function keepServiceDocs(
  platform: Platform,
  { service, owner, commit }: { service: string; owner: string; commit: string },
): Promise<void> {
  const repo = serviceRepo({ service, owner })
  const source = repoName(repo)
  if ((await docsCommit(platform.db, source)) === commit) return
  const { files } = platform.ports.gitHost
  const paths = (await files.list(repo, commit)).filter(isDocs).slice(0, most.pages)
  const texts = await files.readAll(repo, commit, paths)
  await keepDocs(platform, { source, commit, texts })
}

/** Replaces a source's pages by these texts, by path. */
export async function keepDocs(
  { db }: Pick<Platform, 'db'>,
  { source, commit, texts }: { source: string; commit: string; texts: ReadonlyMap<string, string> },
): Promise<void> {
  const pages: StoredPage[] = []
  let characters = 0
  for (const [path, text] of texts) {
    characters += text.length
    pages.push(
      characters > most.characters
        ? broken(path, 'the docs of this repository are too large')
        : await pageOf(path, { text, source, paths: texts }),
    )
  }
  await replaceDocs(db, { source, commit }, pages)
}

const isDocs = (path: string): boolean => /^(README\.md|docs\/.+\.md)$/i.test(path)

interface Read {
  readonly text: string
  readonly source: string
  readonly paths: ReadonlyMap<string, string>
}

async function pageOf(path: string, { text, source, paths }: Read): Promise<StoredPage> {
  const read = await readMarkdown(text)
  if ('refused' in read) return broken(path, read.refused)
  const { headings, title = path, text: words } = read
  const address = (href: string) => addressOf(href, { from: path, source, paths })
  return { path, title, headings: [...headings], tree: rewriteAddresses(read.tree, address) as Root, text: words }
}

/** Pages of the same source open in the portal, safe addresses elsewhere; anything else is words, not a link. */
function addressOf(
  href: string,
  { from, source, paths }: { from: string; source: string; paths: ReadonlyMap<string, string> },
): string | undefined {
  if (href.startsWith('#') || isSafeLink(href)) return href
  const [target = '', anchor] = href.split('#')
  const path = posix.normalize(posix.join(posix.dirname(from), target))
  if (!paths.has(path)) return undefined
  return `/docs/${source}/${path}${anchor === undefined ? '' : `#${anchor}`}`
}

const broken = (path: string, problem: string): StoredPage => ({
  path,
  title: path,
  problem,
  headings: [],
  tree: { type: 'root', children: [] },
  text: '',
})
