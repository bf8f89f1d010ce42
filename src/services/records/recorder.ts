import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { editTree, readTree, type TreeFile, treeOf, writeTree } from '#lib/git/trees.ts'
import { deliveryRepo } from '#model/names.ts'
import { recordsBranch } from '#model/rebuild.ts'
import type { GitHost } from '#ports/git-host.ts'
import type { Database } from '#store/database.ts'
import { forgetPending, type Pending, pendingRecords, type RecordedRow, readRecords } from '#store/record.ts'
import { platformAuthor } from '#workflows/deliver/author.ts'
import { readRecord, recordPath, recordsFolder, recordText } from './record-files.ts'

/** What a recorder works with; a Platform has it. */
export interface RecordPlace {
  readonly db: Database
  readonly ports: { readonly gitHost: GitHost }
  /** Folder of the platform's own bare repository. */
  readonly objects: string
}

export interface Recorder {
  /** Writes what waits into Git, as few commits as may be, and gives how many rows that were. */
  record(): Promise<number>
  /** Every record in Git. Files that are none are named. */
  read(): Promise<{ records: readonly RecordedRow[]; broken: readonly string[] }>
}

const ref = `refs/heads/${recordsBranch}`
const here = 'refs/fairway/records'
const atOnce = 1_000

const recorders = new WeakMap<Database, Recorder>()

/** One per database and process: what it does is done one after another, since a ref is moved by one at a time. */
export function recorderOf(place: RecordPlace): Recorder {
  const known = recorders.get(place.db)
  if (known) return known
  let turn: Promise<unknown> = Promise.resolve()
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work)
    turn = next.catch(() => {})
    return next
  }
  const recorder = { record: () => alone(() => recordAll(place)), read: () => alone(() => readAll(place)) }
  recorders.set(place.db, recorder)
  return recorder
}

async function recordAll(place: RecordPlace): Promise<number> {
  for (let rows = 0; ; ) {
    const pending = await pendingRecords(place.db, atOnce)
    if (pending.length === 0) return rows
    await commitRecords(place, pending)
    await forgetPending(place.db, pending)
    rows += pending.length
    if (pending.length < atOnce) return rows
  }
}

/** An attempt that was cut off behind its push finds its own tree there and adds nothing. */
async function commitRecords(place: RecordPlace, pending: readonly Pending[]): Promise<void> {
  const repo = { dir: place.objects }
  const base = await fetchRecords(place)
  const baseTree = base && (await treeOf(repo, base))
  const records = await readRecords(place.db, pending)
  const write: TreeFile[] = records.map((record) => ({ path: recordPath(record), content: recordText(record) }))
  const written = new Set(write.map(({ path }) => path))
  const gone = pending.map(recordPath).filter((path) => !written.has(path))
  const tree = baseTree
    ? await editTree(repo, { baseTree, write, remove: gone })
    : await writeTree(repo, [readme, ...write])
  if (tree === baseTree) return
  const commit = await commitTree(repo, {
    tree,
    parents: base ? [base] : [],
    message: `Record ${pending.length} ${pending.length === 1 ? 'fact' : 'facts'}`,
    author: platformAuthor,
    at: new Date().toISOString(),
  })
  const remote = await place.ports.gitHost.remote(deliveryRepo)
  await pushRefs(repo, remote, [{ commit, to: ref, expect: base ?? 'absent' }])
}

async function readAll(place: RecordPlace): Promise<{ records: readonly RecordedRow[]; broken: readonly string[] }> {
  const commit = await fetchRecords(place)
  const files = commit ? await readTree({ dir: place.objects }, commit, recordsFolder) : []
  const read = files.map(({ path, content }) => ({ path, record: readRecord(path, content) }))
  return {
    records: read.flatMap(({ record }) => (record ? [record] : [])),
    broken: read.flatMap(({ path, record }) => (record ? [] : [path])),
  }
}

async function fetchRecords({ objects, ports: { gitHost } }: RecordPlace): Promise<string | undefined> {
  const [commit] = await fetchRefs({ dir: objects }, await gitHost.remote(deliveryRepo), [{ from: ref, to: here }])
  return commit
}

const readme = {
  path: 'README.md',
  content: `# Records

Written by the platform only: what it knows of services beyond their manifests. \`v1/services\`, \`v1/releases\`,
\`v1/outcomes\` (how deployments ended), \`v1/drift\` and \`v1/runs\`, one JSON file each, as \`fairway rebuild\` reads them back.
`,
}
