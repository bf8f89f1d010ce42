import { PlatformError } from '#errors/platform-error.ts'
import { readBlobs } from './blobs.ts'
import { checkFolder, checkPath, checkRevision, isObjectId } from './check-names.ts'
import { type GitRepository, gitText, runGit } from './run-git.ts'

export type FileMode = '100644' | '100755'

export interface TreeFile {
  readonly path: string
  readonly content: string | Uint8Array
  readonly mode?: FileMode
}

/** Writes files as one tree and gives its id. The same files always give the same id; one process, whatever the number. */
export async function writeTree(repo: GitRepository, files: readonly TreeFile[]): Promise<string> {
  if (files.length === 0) return emptyTree(repo)
  refuseCollisions(files.map((file) => checkPath(file.path)))
  const lines = files.flatMap((file) => [
    `M ${file.mode ?? '100644'} inline ${quoted(file.path)}\n`,
    ...dataCommand(file.content),
  ])
  return importTree(repo, lines)
}

/** The root tree in which the folder `path` of `baseTree` is exactly `tree`, or absent when `tree` is undefined. */
export async function replaceFolder(
  repo: GitRepository,
  { baseTree, path, tree }: { baseTree: string | undefined; path: string; tree: string | undefined },
): Promise<string> {
  for (const id of [baseTree, tree]) if (id !== undefined && !isObjectId(id)) throw notATree(id)
  const folder = quoted(checkPath(path))
  const lines = baseTree === undefined ? [] : [`M 040000 ${baseTree} ""\n`]
  if (tree !== undefined) lines.push(`M 040000 ${tree} ${folder}\n`)
  else if (baseTree !== undefined) lines.push(`D ${folder}\n`)
  return lines.length === 0 ? emptyTree(repo) : importTree(repo, lines)
}

/** The root tree of `baseTree` with these files written and those paths removed; all others stay as they are. */
export async function editTree(
  repo: GitRepository,
  { baseTree, write, remove = [] }: { baseTree: string; write: readonly TreeFile[]; remove?: readonly string[] },
): Promise<string> {
  if (!isObjectId(baseTree)) throw notATree(baseTree)
  const lines: (string | Uint8Array)[] = [`M 040000 ${baseTree} ""\n`]
  for (const path of remove) lines.push(`D ${quoted(checkPath(path))}\n`)
  for (const file of write)
    lines.push(`M ${file.mode ?? '100644'} inline ${quoted(checkPath(file.path))}\n`, ...dataCommand(file.content))
  return importTree(repo, lines)
}

/** One path of a tree: an object that exists, new content, or undefined for gone. */
export interface EntryChange {
  readonly path: string
  readonly entry: { readonly mode: string; readonly id?: string; readonly content?: Uint8Array } | undefined
}

/** Applies changes to a tree as they are; the caller has made sure that no file becomes a folder. */
export async function applyChanges(
  repo: GitRepository,
  baseTree: string,
  changes: readonly EntryChange[],
): Promise<string> {
  const lines: (string | Uint8Array)[] = [`M 040000 ${baseTree} ""\n`]
  for (const { path, entry } of changes.toSorted(
    (a, b) => Number(b.entry === undefined) - Number(a.entry === undefined),
  ))
    if (entry === undefined) lines.push(`D ${quoted(path)}\n`)
    else if (entry.id !== undefined) lines.push(`M ${entry.mode} ${entry.id} ${quoted(path)}\n`)
    else lines.push(`M ${entry.mode} inline ${quoted(path)}\n`, ...dataCommand(entry.content ?? ''))
  return importTree(repo, lines)
}

/** The id of the tree at a folder (empty: the root), or undefined when there is none. */
export async function treeOf(repo: GitRepository, treeish: string, path = ''): Promise<string | undefined> {
  const spec = `${checkRevision(treeish)}^{tree}`
  const folder = checkFolder(path)
  const name = folder === '' ? spec : `${checkRevision(treeish)}:${folder}`
  const { code, stdout } = await runGit(repo, ['rev-parse', '--verify', '--quiet', '--end-of-options', name], {
    accept: [1, 128],
  })
  const id = stdout.toString().trim()
  if (code !== 0 || id === '') return undefined
  if (folder === '') return id
  return (await gitText(repo, ['cat-file', '-t', id])) === 'tree' ? id : undefined
}

export interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly id: string
}

/** Every file below `prefix`, sorted by path; an unknown revision or folder has none. Submodules are left out. */
export async function listTree(repo: GitRepository, treeish: string, prefix = ''): Promise<TreeEntry[]> {
  const folder = checkFolder(prefix)
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', checkRevision(treeish)]
  const { code, stdout, stderr } = await runGit(repo, folder === '' ? args : [...args, '--', folder], {
    accept: [128],
  })
  if (code === 128 && !/not a (tree|valid object)/i.test(stderr))
    throw new PlatformError('GIT_FAILED', 'git ls-tree failed.')
  return stdout.toString('utf8').split('\0').filter(Boolean).map(parseEntry).filter(isFile)
}

export interface ReadFile {
  readonly path: string
  readonly content: string
  readonly mode: string
}

/** The files below `prefix` with their text. Paths stay relative to the root; links show their target with mode 120000. */
export async function readTree(repo: GitRepository, treeish: string, prefix = ''): Promise<ReadFile[]> {
  const entries = await listTree(repo, treeish, prefix)
  const contents = await readBlobs(
    repo,
    entries.map((entry) => entry.id),
  )
  return entries.map(({ path, mode }, index) => ({ path, mode, content: contents[index]?.toString('utf8') ?? '' }))
}

async function importTree(repo: GitRepository, changes: readonly (string | Uint8Array)[]): Promise<string> {
  // fast-import wants a ref for its commit: it is made and deleted inside the one process and never shows outside
  const ref = `refs/fairway/import/${crypto.randomUUID()}`
  const stream = [
    `commit ${ref}\ncommitter fairway <fairway@localhost> 0 +0000\ndata 0\n`,
    ...changes,
    `ls ""\n\nreset ${ref}\nfrom ${'0'.repeat(40)}\n\ndone\n`,
  ]
  const input = Buffer.concat(stream.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const answer = await gitText(repo, ['fast-import', '--quiet', '--done'], { input, timeoutMs: 60_000 })
  const id = /^040000 tree ([0-9a-f]{40})/.exec(answer)?.[1]
  return id ?? emptyTree(repo)
}

function emptyTree(repo: GitRepository): Promise<string> {
  return gitText(repo, ['hash-object', '-t', 'tree', '-w', '--stdin'])
}

function dataCommand(content: string | Uint8Array): (string | Uint8Array)[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return [`data ${bytes.length}\n`, bytes, '\n']
}

function quoted(path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `"${escaped.replaceAll('\n', '\\n')}"` // paths that arrive from other histories may hold anything
}

function refuseCollisions(paths: readonly string[]): void {
  const seen = new Set<string>()
  for (const path of [...paths].sort()) {
    const parts = path.split('/')
    const parents = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
    const taken = [path, ...parents].find((name) => seen.has(name))
    if (taken !== undefined)
      throw new PlatformError('GIT_REF_INVALID', `The path ${JSON.stringify(taken)} is used twice in one tree.`)
    seen.add(path)
  }
}

function parseEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t')
  const [mode = '', , id = ''] = line.slice(0, tab).split(' ')
  return { path: line.slice(tab + 1), mode, id }
}

function isFile(entry: TreeEntry): boolean {
  return entry.mode !== '160000'
}

function notATree(id: string): PlatformError {
  return new PlatformError('GIT_REF_INVALID', `${JSON.stringify(id.slice(0, 80))} is not a tree id.`)
}
