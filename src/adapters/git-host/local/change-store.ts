import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { isAncestor, updateRef } from '#lib/git/commits.ts'
import type { GitRepository } from '#lib/git/run-git.ts'
import type { HostChange } from '#model/change-request.ts'
import type { RepoRef } from '#model/names.ts'
import type { Database } from '#store/database.ts'
import { keepGitChangesOf, replaceGitChanges, saveGitChange } from '#store/git-change.ts'
import {
  type ChangeRecord,
  changeNumbers,
  changeRefs,
  readChecks,
  readRecords,
  readRefs,
  writeRecord,
} from './change-record.ts'
import { type Disk, sameRepo } from './disk.ts'
import type { Serial } from './serial.ts'

/** One change request with where it is kept. */
export interface StoredChange {
  readonly record: ChangeRecord
  readonly view: HostChange
  readonly repo: GitRepository
  readonly meta: string
}

/** Reads and writes change requests: Git first, the index after it. An index that may be behind is rebuilt before use. */
export interface ChangeStore {
  load(repo: RepoRef, number: number): Promise<StoredChange | undefined>
  need(repo: RepoRef, number: number): Promise<StoredChange>
  /** Writes a new record on top of what was loaded; CONFLICT when somebody else was faster. */
  save(stored: StoredChange, record: ChangeRecord): Promise<HostChange>
  /** Takes the present state from Git into the index. */
  refresh(repo: RepoRef, number: number): Promise<HostChange>
  /** Makes sure that the index can be asked about this repository. */
  indexed(repo: RepoRef): Promise<void>
  /** Says that the index of a repository may be behind. */
  doubt(repo: RepoRef): void
  /** Everything anew, one repository after another; nobody writes to one meanwhile. */
  rebuild(serial: Serial): Promise<void>
}

export function changeStore(disk: Disk, db: Database): ChangeStore {
  const trusted = new Set<string>()
  const keyOf = (repo: RepoRef) => `${sameRepo(repo).owner}/${sameRepo(repo).name}`
  const index = async (stored: StoredChange) => {
    await saveGitChange(db, { key: stored.record.key, change: stored.view })
    trusted.add(keyOf(stored.view.repo))
    return stored.view
  }
  const rebuildOne = async (repo: RepoRef) => {
    const found = await disk.need(repo)
    const stored = await loadChanges(found, { name: sameRepo(repo), numbers: await changeNumbers(found) })
    const changes = stored.map(({ record, view }) => ({ key: record.key, change: view }))
    await replaceGitChanges(db, sameRepo(repo), changes)
    trusted.add(keyOf(repo))
  }
  const store: ChangeStore = {
    load: async (repo, number) => loadChange(await disk.need(repo), sameRepo(repo), number),
    async need(repo, number) {
      const stored = await store.load(repo, number)
      if (!stored) throw new PlatformError('CHANGE_UNKNOWN', `${keyOf(repo)} has no change request ${number}.`)
      return stored
    },
    async save(stored, record) {
      const { repo, view, meta } = stored
      const to = await writeRecord(repo, { record, parent: meta, at: new Date().toISOString() })
      await updateRef(repo, { ref: changeRefs(view.number).meta, to, from: meta })
      return store.refresh(view.repo, view.number)
    },
    async refresh(repo, number) {
      trusted.delete(keyOf(repo)) // until the row is written
      return index(await store.need(repo, number))
    },
    async indexed(repo) {
      if (!trusted.has(keyOf(repo))) await rebuildOne(repo)
    },
    doubt: (repo) => void trusted.delete(keyOf(repo)),
    async rebuild(serial) {
      const repos = await disk.list()
      for (const repo of repos) await serial(repo, () => rebuildOne(repo))
      await keepGitChangesOf(db, repos)
    },
  }
  return store
}

async function loadChange(repo: GitRepository, name: RepoRef, number: number): Promise<StoredChange | undefined> {
  return (await loadChanges(repo, { name, numbers: [number] }))[0]
}

/** A handful of processes for any number of change requests. Finishes what a crash or a push has left behind. */
async function loadChanges(
  repo: GitRepository,
  { name, numbers }: { name: RepoRef; numbers: readonly number[] },
): Promise<StoredChange[]> {
  const records = await readRecords(
    repo,
    numbers.flatMap((number) => [changeRefs(number).meta, changeRefs(number).intent]),
  )
  const found = numbers.flatMap((number, index) => {
    const record = records[index * 2]
    return record ? [{ number, record, intended: records[index * 2 + 1] }] : []
  })
  const tips = await readRefs(
    repo,
    found.flatMap(({ number, record }) => refsOf(number, record)),
  )
  const settled = await Promise.all(
    found.map((one, index) => settle(repo, { ...one, tips: tips.slice(index * 5, index * 5 + 5) })),
  )
  const kept = settled.filter((one) => one !== undefined)
  const checks = await readChecks(
    repo,
    kept.map((one) => one.headCommit),
  )
  return kept.map(({ number, record, meta, headCommit, baseCommit }, index) => {
    const facts = { repo: name, number, headCommit, baseCommit, checks: checks[index] ?? [] }
    return { record, repo, meta, view: viewOf(record, facts) }
  })
}

function refsOf(number: number, record: ChangeRecord): string[] {
  const { meta, head, intent } = changeRefs(number)
  return [meta, head, intent, `refs/heads/${record.head}`, `refs/heads/${record.base}`]
}

interface Found {
  readonly number: number
  readonly record: ChangeRecord
  readonly intended: ChangeRecord | undefined
  readonly tips: readonly (string | undefined)[]
}

/** Takes note of a merge that landed without being recorded, and of commits pushed to the head branch. */
async function settle(repo: GitRepository, { number, record, intended, tips }: Found) {
  const [meta, head, intent, headTip, baseTip] = tips
  if (!meta || !head) return undefined
  const refs = changeRefs(number)
  const ended = { headCommit: record.ended?.headCommit ?? head, baseCommit: record.ended?.baseCommit ?? head }
  if (record.state !== 'open') return { number, record, meta, ...ended }
  if (intended?.mergeCommit && intended.ended && intent && baseTip) {
    const landed = await isAncestor(repo, intended.mergeCommit, baseTip)
    if (landed && (await moved(repo, { ref: refs.meta, to: intent, from: meta })))
      return { number, record: intended, meta: intent, ...intended.ended }
  }
  const isBehind = headTip !== undefined && headTip !== head
  const current = isBehind && (await moved(repo, { ref: refs.head, to: headTip, from: head })) ? headTip : head
  return { number, record, meta, headCommit: current, baseCommit: baseTip ?? current }
}

/** Whether the ref was moved here; losing a race against another reader is no failure. */
async function moved(repo: GitRepository, update: { ref: string; to: string; from: string }): Promise<boolean> {
  try {
    await updateRef(repo, update)
    return true
  } catch (error) {
    if (codeOf(error) === 'CONFLICT') return false
    throw error
  }
}

function viewOf(
  record: ChangeRecord,
  facts: Pick<HostChange, 'repo' | 'number' | 'headCommit' | 'baseCommit' | 'checks'>,
): HostChange {
  const { key: _, ended, mergeCommit, reason: __, ...shared } = record
  return {
    ...facts,
    ...shared,
    ...(record.state === 'merged' && ended && { mergedAt: ended.at, mergedBy: ended.by }),
    ...(mergeCommit !== undefined && { mergeCommit }),
  }
}
