import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { productDocs } from '#model/doc-page.ts'
import { docsCommit } from '#store/doc-page.ts'
import type { Platform } from '#workflows/platform.ts'
import { keepDocs } from '#workflows/release/keep-docs.ts'

/** Fairway's own documentation, as it lies beside the program. Read when somebody first asks for it, and again when it has changed. */
export async function keepProductDocs(platform: Platform): Promise<void> {
  const { commit, texts } = await (product ??= readProduct())
  if ((await docsCommit(platform.db, productDocs)) === commit) return
  await keepDocs(platform, { source: productDocs, commit, texts })
}

let product: Promise<{ commit: string; texts: ReadonlyMap<string, string> }> | undefined

async function readProduct(): Promise<{ commit: string; texts: ReadonlyMap<string, string> }> {
  const root = join(import.meta.dirname, '../../..')
  const below = await readdir(join(root, 'docs'), { recursive: true })
  const paths = ['README.md', ...below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)].toSorted()
  const texts = new Map<string, string>()
  const hash = createHash('sha256')
  for (const path of paths) {
    const text = await readFile(join(root, path), 'utf8')
    texts.set(path, text)
    hash.update(`${path}\0${text}\0`)
  }
  return { commit: hash.digest('hex'), texts }
}
