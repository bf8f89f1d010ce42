/** One file of a rendered tree, its path relative to the tree's root. */
export interface RenderedFile {
  readonly path: string
  readonly content: string
}

/** By path in code-unit order: the same on every machine, whatever its locale. */
export function sortByPath<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
