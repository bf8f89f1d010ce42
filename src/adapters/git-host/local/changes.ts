import type { CommitSigner } from '#lib/git/commit-signature.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { checkBranch } from '#lib/git/check-names.ts'
import { resolve, updateRef, updateRefs } from '#lib/git/commits.ts'
import type { Changes, GitHostEvent } from '#ports/git-host.ts'
import type { Database } from '#store/database.ts'
import { findGitChange, listGitChanges } from '#store/git-change.ts'
import { changeNumbers, changeRefs, checksRef, readChecks, readRefs, writeBlob, writeRecord } from './change-record.ts'
import type { ChangeStore, StoredChange } from './change-store.ts'
import { type Disk, sameRepo } from './disk.ts'
import { mergeChange } from './merge-change.ts'
import type { Serial } from './serial.ts'

export interface ChangeParts {
  readonly disk: Disk
  readonly db: Database
  readonly store: ChangeStore
  readonly serial: Serial
  emit(event: GitHostEvent): void
  readonly signer?: CommitSigner | undefined
}

/** Change requests kept under refs/changes. One writer at a time per repository, and every move compares before it swaps. */
export function localChanges(parts: ChangeParts): Changes {
  const { db, store, serial, emit } = parts
  const told = <T extends { repo: Parameters<ChangeStore['load']>[0]; number: number }>(change: T): T => {
    emit({ type: 'change', repo: change.repo, number: change.number })
    return change
  }
  return {
    propose: (request) => serial(request.repo, async () => propose(parts, request, told)),
    find: async (repo, number) => (await store.load(repo, number))?.view,
    async findByHead(repo, head) {
      await store.indexed(repo)
      const known = await findGitChange(db, sameRepo(repo), { head })
      return known && (await store.load(repo, known.number))?.view
    },
    async list(filter) {
      const repos = filter.repo ? [filter.repo] : await parts.disk.list()
      for (const repo of repos) await store.indexed(repo)
      return listGitChanges(db, { ...filter, ...(filter.repo && { repo: sameRepo(filter.repo) }) })
    },
    review: (repo, number, approval) =>
      serial(repo, async () => {
        const stored = openOnly(await store.need(repo, number))
        const others = stored.record.approvals.filter((one) => one.by !== approval.by || one.tree !== approval.tree)
        return told(await store.save(stored, { ...stored.record, approvals: [...others, approval] }))
      }),
    check: (repo, commit, check) =>
      serial(repo, async () => {
        const found = await parts.disk.need(repo)
        const id = await resolve(found, commit)
        if (!id) throw new PlatformError('GIT_REF_INVALID', `The repository has no commit ${commit.slice(0, 60)}.`)
        const [known = []] = await readChecks(found, [id])
        const others = known.filter((one) => one.name !== check.name)
        const [from] = await readRefs(found, [checksRef(id)])
        const to = await writeBlob(found, JSON.stringify([...others, check]))
        await updateRef(found, { ref: checksRef(id), to, from: from ?? 'absent' })
        for (const change of await openChanges(parts, repo))
          if (change.headCommit === id) told(await store.refresh(repo, change.number))
      }),
    merge: (request) => serial(request.repo, async () => mergeChange(parts, request, told)),
    close: (repo, number, reason) =>
      serial(repo, async () => {
        const stored = await store.need(repo, number)
        if (stored.record.state !== 'open') return
        const { baseCommit, headCommit } = stored.view
        const ended = { at: new Date().toISOString(), by: 'fairway', baseCommit, headCommit }
        told(await store.save(stored, { ...stored.record, state: 'closed', reason, ended }))
      }),
  }
}

export async function openChanges({ db, store }: ChangeParts, repo: Parameters<ChangeStore['load']>[0]) {
  await store.indexed(repo)
  return listGitChanges(db, { repo: sameRepo(repo), state: 'open', limit: 10_000 })
}

export function openOnly(stored: StoredChange): StoredChange {
  if (stored.record.state === 'open') return stored
  const { number, state } = stored.view
  throw new PlatformError('CHANGE_CLOSED', `Change request ${number} is ${state} already.`)
}

async function propose(
  { disk, db, store }: ChangeParts,
  request: Parameters<Changes['propose']>[0],
  told: <T extends StoredChange['view']>(change: T) => T,
): Promise<StoredChange['view']> {
  const repo = sameRepo(request.repo)
  const found = await disk.need(repo)
  await store.indexed(repo)
  const byHead = await findGitChange(db, repo, { head: request.head })
  const known = (await findGitChange(db, repo, { key: request.key })) ?? (byHead?.state === 'open' ? byHead : undefined)
  if (known) return (await store.need(repo, known.number)).view
  if (request.head === request.base)
    throw new PlatformError('GIT_REF_INVALID', 'A branch cannot be merged into itself.')
  const branches = [request.head, request.base]
  const tips = await readRefs(
    found,
    branches.map((branch) => `refs/heads/${checkBranch(branch)}`),
  )
  const missing = branches.find((_, index) => tips[index] === undefined)
  if (missing) throw new PlatformError('GIT_REF_INVALID', `There is no branch ${missing}.`, { hint: 'push it first' })
  const { key, title, description, author, head, base } = request
  const createdAt = new Date().toISOString()
  const record = { key, title, description, author, head, base, state: 'open' as const, createdAt, approvals: [] }
  const meta = await writeRecord(found, { record, parent: undefined, at: createdAt })
  const number = ((await changeNumbers(found)).at(-1) ?? 0) + 1
  const refs = changeRefs(number)
  store.doubt(repo)
  await updateRefs(found, [
    { ref: refs.head, to: tips[0], from: 'absent' },
    { ref: refs.meta, to: meta, from: 'absent' },
  ])
  return told(await store.refresh(repo, number))
}
