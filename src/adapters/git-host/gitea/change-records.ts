import { z } from 'zod'
import { codeOf } from '#errors/platform-error.ts'
import type { CommitSigner } from '#lib/git/commit-signature.ts'
import { commitTree } from '#lib/git/commits.ts'
import type { Located } from '#lib/git/read-files.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { editTree, readTree, treeOf, writeTree } from '#lib/git/trees.ts'
import { serialByKey } from '#lib/serial.ts'
import { Approval, HostChange } from '#model/change-request.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { GitRemote } from '#ports/git-host.ts'
import { type GiteaCalls, scopes } from './calls.ts'
import type { Mirror } from './mirror.ts'
import { describeAs } from './names.ts'
import { protectBranches } from './protection.ts'
import type { Teams } from './teams.ts'

/** What a pull request has no safe place for: everybody who may push may also edit its text and delete its comments. */
export const ChangeRecord = z.object({
  repo: z.object({ owner: z.string(), name: z.string() }),
  number: z.int(),
  key: z.string(),
  author: z.string(),
  head: z.string(),
  approvals: z.array(Approval),
  reason: z.string().optional(),
  mergedBy: z.string().optional(),
  /** The whole change request once it has ended: nothing of it changes any more. */
  ended: HostChange.optional(),
})
export type ChangeRecord = z.infer<typeof ChangeRecord>

export interface ChangeRecords {
  /** All records of a repository, by the id that Gitea gives it: a name may be used again. */
  of(repository: number): Promise<ReadonlyMap<number, ChangeRecord>>
  all(): Promise<readonly ChangeRecord[]>
  /** Writes what `edit` makes of the present one, on top of whatever others wrote meanwhile. */
  write(
    place: { repository: number; number: number },
    edit: (known: ChangeRecord | undefined) => ChangeRecord,
  ): Promise<ChangeRecord>
}

export interface RecordParts {
  readonly calls: GiteaCalls
  readonly teams: Teams
  readonly mirror: Mirror
  readonly signer: CommitSigner | undefined
  remote(repo: RepoRef): Promise<GitRemote>
}

const recordsRepo: RepoRef = { owner: 'fairway', name: 'change-records' }
export const isRecordsRepo = (repo: RepoRef): boolean => repoName(repo).toLowerCase() === repoName(recordsRepo)

const author = { name: 'Fairway', email: 'fairway@fairway.local' }
const tries = 20

/** JSON files in a repository that only the platform reads and writes; each write is one signed commit. */
export function changeRecords(parts: RecordParts): ChangeRecords {
  const { mirror, remote, signer } = parts
  const serial = serialByKey()
  const cache = new Map<string, { tree: string; records: ReadonlyMap<number, ChangeRecord> }>()
  let isThere = false

  const newest = async (): Promise<Located | undefined> =>
    mirror.locate(recordsRepo, 'main').catch((error: unknown) => {
      if (codeOf(error) === 'REPOSITORY_UNKNOWN') return undefined
      throw error
    })

  async function read(at: Located | undefined, folder: string): Promise<ReadonlyMap<number, ChangeRecord>> {
    const tree = at && (await treeOf(at.repo, at.ref, folder))
    if (!at || tree === undefined) return new Map()
    const known = cache.get(folder)
    if (known?.tree === tree) return known.records
    const files = await readTree(at.repo, at.ref, folder)
    const parsed = files.map(({ content }) => ChangeRecord.parse(JSON.parse(content)))
    const records = new Map(parsed.map((record) => [record.number, record]))
    cache.set(folder, { tree, records })
    return records
  }

  async function commit(at: Located | undefined, path: string, record: ChangeRecord): Promise<void> {
    const repo = await mirror.open(recordsRepo)
    const write = [{ path, content: `${JSON.stringify(record, null, 2)}\n` }]
    const baseTree = at && (await treeOf(repo, at.ref))
    const tree = baseTree === undefined ? await writeTree(repo, write) : await editTree(repo, { baseTree, write })
    const message = `${repoName(record.repo)}#${record.number}`
    const parents = at ? [at.ref] : []
    const id = await commitTree(repo, { tree, parents, message, author, at: new Date(), signer })
    await pushRefs(repo, await remote(recordsRepo), [
      { commit: id, to: 'refs/heads/main', expect: at?.ref ?? 'absent' },
    ])
  }

  return {
    of: async (repository) => read(await newest(), String(repository)),
    async all() {
      const at = await newest()
      const files = at ? await readTree(at.repo, at.ref) : []
      return files.map(({ content }) => ChangeRecord.parse(JSON.parse(content)))
    },
    write: ({ repository, number }, edit) =>
      serial('write', async () => {
        if (!isThere) await ensureRepository(parts)
        isThere = true
        for (let turn = 1; ; turn++) {
          const at = await newest()
          const known = (await read(at, String(repository))).get(number)
          const next = edit(known)
          if (known && JSON.stringify(known) === JSON.stringify(next)) return next
          try {
            await commit(at, `${repository}/${number}.json`, next)
            return next
          } catch (error) {
            if (codeOf(error) !== 'CONFLICT' || turn >= tries) throw error // another replica was faster
          }
        }
      }),
  }
}

/** Private, and nobody but the platform has a part in it. */
async function ensureRepository({ calls, teams }: RecordParts): Promise<void> {
  await teams.organisation(recordsRepo.owner)
  if (await calls.repository(recordsRepo)) return
  const description = describeAs({ text: 'What Fairway keeps of change requests', marker: 'seed' })
  const body = { name: recordsRepo.name, description, private: true, default_branch: 'main', auto_init: false }
  await calls.send('POST', `/orgs/${recordsRepo.owner}/repos`, { body, scope: scopes.repository, accept: [409] })
  const rule = { pushBy: 'platform' as const, teams: [] }
  await protectBranches({ calls, teams }, { repo: recordsRepo, rule, defaultBranch: 'main' })
}
