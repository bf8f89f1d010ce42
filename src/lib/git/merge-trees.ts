import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { readBlobs } from './blobs.ts'
import { mergeBase } from './commits.ts'
import { type RawChange, rawChanges } from './diff-trees.ts'
import { type GitRepository, runGit } from './run-git.ts'
import { type EntryChange, applyChanges, listTree, treeOf } from './trees.ts'

export type MergeResult =
  | { readonly clean: true; readonly tree: string }
  | { readonly clean: false; readonly conflicts: readonly string[] }

/**
 * Merges `theirs` into `ours` path by path; the base is the common ancestor of two commits unless given. Not
 * `git merge-tree`: before 2.50 it cannot be told to leave renames alone, and files of two services look so alike that
 * a guessed rename carries one team's change into another team's folder.
 */
export async function mergeTrees(
  repo: GitRepository,
  { base, ours, theirs }: { base?: string; ours: string; theirs: string },
): Promise<MergeResult> {
  const common = base ?? (await mergeBase(repo, ours, theirs))
  if (common === undefined)
    throw new PlatformError('MERGE_CONFLICT', 'The two sides have no common history.', { hint: 'rebase onto the base' })
  const [oursTree, left, right] = await Promise.all([
    treeOf(repo, ours),
    rawChanges(repo, { from: common, to: ours }),
    rawChanges(repo, { from: common, to: theirs }),
  ])
  if (oursTree === undefined) throw new PlatformError('GIT_REF_INVALID', 'One side of the merge is not known.')
  const mine = new Map(left.map((change) => [change.path, change]))
  const outcomes = await Promise.all(right.map((change) => settle(repo, mine.get(change.path), change)))
  const apply = outcomes.flatMap((outcome) => (typeof outcome === 'object' ? [outcome] : []))
  const conflicts = right.filter((_, index) => outcomes[index] === 'conflict').map(({ path }) => path)
  const clashes = await folderClashes(repo, oursTree, apply)
  if (conflicts.length + clashes.length > 0) return { clean: false, conflicts: [...conflicts, ...clashes].sort() }
  return { clean: true, tree: apply.length === 0 ? oursTree : await applyChanges(repo, oursTree, apply) }
}

/** What their change of one path means beside ours: something to apply, nothing, or a conflict. */
async function settle(
  repo: GitRepository,
  ours: RawChange | undefined,
  theirs: RawChange,
): Promise<EntryChange | 'nothing' | 'conflict'> {
  const { path, sides } = theirs
  const wanted = theirs.status === 'deleted' ? undefined : { mode: sides.afterMode, id: sides.after }
  if (ours === undefined) return { path, entry: wanted }
  if (ours.sides.after === sides.after && ours.sides.afterMode === sides.afterMode) return 'nothing'
  const isText = ours.status === 'modified' && theirs.status === 'modified'
  if (!isText || ours.sides.afterMode !== sides.afterMode || !sides.afterMode.startsWith('100')) return 'conflict'
  const merged = await mergeContents(repo, { base: sides.before, ours: ours.sides.after, theirs: sides.after })
  return merged === undefined ? 'conflict' : { path, entry: { mode: sides.afterMode, content: merged } }
}

/** The merged bytes, or undefined when both changed the same lines or a side is binary. */
async function mergeContents(
  repo: GitRepository,
  ids: { base: string; ours: string; theirs: string },
): Promise<Buffer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-merge-'))
  try {
    const contents = await readBlobs(repo, [ids.ours, ids.base, ids.theirs])
    const paths = ['ours', 'base', 'theirs'].map((name) => join(folder, name))
    await Promise.all(paths.map((path, index) => writeFile(path, contents[index] as Buffer)))
    const accept = Array.from({ length: 255 }, (_, index) => index + 1) // the code is the number of conflicts
    const { code, stdout } = await runGit(repo, ['merge-file', '--stdout', '--quiet', ...paths], { accept })
    return code === 0 ? stdout : undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Paths that would make a file of one side the folder of the other. */
async function folderClashes(repo: GitRepository, tree: string, apply: readonly EntryChange[]): Promise<string[]> {
  const added = apply.filter((change) => change.entry !== undefined).map((change) => change.path)
  if (added.length === 0) return []
  const removed = new Set(apply.filter((change) => change.entry === undefined).map((change) => change.path))
  const files = (await listTree(repo, tree)).map((entry) => entry.path).filter((path) => !removed.has(path))
  const known = new Set(files)
  const folders = new Set(files.flatMap(parentsOf))
  return added.filter((path) => folders.has(path) || parentsOf(path).some((parent) => known.has(parent)))
}

function parentsOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
