import { readBlobs } from '#lib/git/blobs.ts'
import { isSignedBy } from '#lib/git/commit-signature.ts'
import { isAncestor, resolve, updateRef } from '#lib/git/commits.ts'
import { gitText } from '#lib/git/run-git.ts'
import type { Platform } from '../platform.ts'
import { fetchDelivery } from './open-change.ts'

/** A commit of the delivery repository, as far as it is asked where it came from. */
export interface QuestionedCommit {
  readonly commit: string
  readonly parents: readonly string[]
  readonly trailers: readonly (readonly [key: string, value: string])[]
}

const oldestRef = 'refs/fairway/delivery/unsigned-until'

/**
 * Which of these commits of the delivery repository the platform made: its signature says so, nothing else does. In a
 * repository that was begun before commits were signed, those of that time are judged by their trailers.
 */
export async function madeByPlatform(
  platform: Platform,
  commits: readonly QuestionedCommit[],
): Promise<ReadonlySet<string>> {
  const known = memoryOf(platform)
  const asked = commits.filter(({ commit }) => !known.has(commit))
  if (asked.length > 0) {
    const repo = { dir: platform.objects }
    const ids = asked.map(({ commit }) => commit)
    const stored = await readBlobs(repo, ids).catch(async () => {
      await fetchDelivery(platform) // they are newer than what we have
      return readBlobs(repo, ids)
    })
    for (const [index, one] of asked.entries()) {
      const isSigned = isSignedBy(stored[index] ?? Buffer.alloc(0), platform.signer.publicKey)
      known.set(one.commit, isSigned || (await isOlderThanSignatures(platform, one)))
    }
  }
  return new Set(commits.filter(({ commit }) => known.get(commit)).map(({ commit }) => commit))
}

async function isOlderThanSignatures(platform: Platform, one: QuestionedCommit): Promise<boolean> {
  const { commit, parents, trailers } = one
  if (parents.length > 0 && !trailers.some(([key]) => key === 'Run-Id')) return false
  const repo = { dir: platform.objects }
  const until = await resolve(repo, oldestRef)
  return until !== undefined && isAncestor(repo, commit, until)
}

/** Remembers where signatures begin, for a repository whose first commit has none. Called once, before anything is judged. */
export async function noteWhereSignaturesBegin(platform: Platform, main: string): Promise<void> {
  const repo = { dir: platform.objects }
  if (await resolve(repo, oldestRef)) return
  const first = await gitText(repo, ['rev-list', '--max-parents=0', '--end-of-options', main])
  const [root = ''] = first.split('\n')
  const [stored] = await readBlobs(repo, [root])
  if (stored && isSignedBy(stored, platform.signer.publicKey)) return
  await updateRef(repo, { ref: oldestRef, to: main, from: 'absent' })
}

const memories = new WeakMap<Platform, Map<string, boolean>>()

function memoryOf(platform: Platform): Map<string, boolean> {
  const known = memories.get(platform) ?? new Map<string, boolean>()
  memories.set(platform, known)
  if (known.size > 50_000) known.clear()
  return known
}
