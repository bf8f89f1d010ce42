import { blobSizes, readBlobs } from './blobs.ts'
import { checkFolder, checkRevision } from './check-names.ts'
import { type GitRepository, runGit } from './run-git.ts'

export interface TreeDiff {
  readonly path: string
  readonly status: 'added' | 'modified' | 'deleted'
  readonly before?: string
  readonly after?: string
  readonly additions: number
  readonly deletions: number
}

export interface RawChange {
  readonly path: string
  readonly status: TreeDiff['status']
  readonly sides: { readonly before: string; readonly after: string; readonly afterMode: string }
}

const none = '0'.repeat(40)

/** Changed files between two commits or trees, sorted by path, with both texts unless binary or over the limit. */
export async function diffTrees(
  repo: GitRepository,
  { from, to, path = '', maxBytes = 200_000 }: { from: string; to: string; path?: string; maxBytes?: number },
): Promise<TreeDiff[]> {
  const { changes, counts } = await rawDiff(repo, { from, to, path })
  const texts = await textsOf(repo, changes, { counts, maxBytes })
  return changes.map(({ path: file, status, sides }) => {
    const [additions, deletions] = counts.get(file) ?? [0, 0]
    const before = texts.get(sides.before)
    const after = texts.get(sides.after)
    return {
      path: file,
      status,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      additions: additions ?? 0,
      deletions: deletions ?? 0,
    }
  })
}

/** The changed entries alone, without reading any content. */
export async function rawChanges(repo: GitRepository, sides: { from: string; to: string }): Promise<RawChange[]> {
  return (await rawDiff(repo, { ...sides, path: '' })).changes
}

async function rawDiff(repo: GitRepository, { from, to, path }: { from: string; to: string; path: string }) {
  const names = [checkRevision(from), checkRevision(to)]
  const flags = ['-r', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all']
  const folder = checkFolder(path)
  const { stdout } = await runGit(repo, [
    'diff-tree',
    ...flags,
    '--raw',
    '--numstat',
    '--end-of-options',
    ...names,
    '--',
    ...(folder === '' ? [] : [folder]),
  ])
  return parseDiff(stdout.toString('utf8'))
}

async function textsOf(
  repo: GitRepository,
  changes: readonly RawChange[],
  { counts, maxBytes }: { counts: ReadonlyMap<string, readonly (number | undefined)[]>; maxBytes: number },
): Promise<Map<string, string>> {
  const textual = changes.filter((change) => counts.get(change.path)?.[0] !== undefined)
  const ids = [...new Set(textual.flatMap(({ sides }) => [sides.before, sides.after]))].filter((id) => id !== none)
  const sizes = await blobSizes(repo, ids)
  const small = ids.filter((_, index) => (sizes[index] ?? Number.POSITIVE_INFINITY) <= maxBytes)
  const contents = await readBlobs(repo, small)
  return new Map(small.map((id, index) => [id, contents[index]?.toString('utf8') ?? '']))
}

function parseDiff(text: string) {
  const parts = text.split('\0')
  const changes: RawChange[] = []
  const counts = new Map<string, readonly (number | undefined)[]>()
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? ''
    if (part.startsWith(':')) {
      const [beforeMode = '', afterMode = '', before = '', after = '', letter = ''] = part.slice(1).split(' ')
      at += 1
      if (beforeMode !== '160000')
        changes.push({ path: parts[at] ?? '', status: statusOf(letter), sides: { before, after, afterMode } })
    } else if (part !== '') {
      const [additions = '-', deletions = '-', ...path] = part.split('\t')
      counts.set(path.join('\t'), [count(additions), count(deletions)])
    }
  }
  return { changes, counts }
}

function statusOf(letter: string): TreeDiff['status'] {
  if (letter.startsWith('A')) return 'added'
  return letter.startsWith('D') ? 'deleted' : 'modified'
}

/** Git writes `-` for binary files. */
function count(text: string): number | undefined {
  return text === '-' ? undefined : Number(text)
}
