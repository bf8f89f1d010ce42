import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '#errors/platform-error.ts'
import { isObjectId } from '#lib/git/check-names.ts'
import type { Located } from '#lib/git/read-files.ts'
import { fetchRefs, remoteRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { type GitRepository, runGit } from '#lib/git/run-git.ts'
import { tidyRepository } from '#lib/git/tidy.ts'
import { serialByKey } from '#lib/serial.ts'
import type { RepoRef } from '#model/names.ts'
import type { GitRemote } from '#ports/git-host.ts'
import type { GiteaCalls } from './calls.ts'

/** Copies of repositories in a folder that may be emptied at any time. What a branch is now is asked of Gitea each time. */
export interface Mirror {
  /** The commit that a branch, full ref or commit id means on the host now; undefined when it has none. */
  tip(repo: RepoRef, ref: string): Promise<string | undefined>
  /** The same, with the commit here. Both: REPOSITORY_UNKNOWN when the repository is gone. */
  locate(repo: RepoRef, ref: string): Promise<Located | undefined>
  open(repo: RepoRef): Promise<GitRepository>
  forget(repo: RepoRef): Promise<void>
}

export interface MirrorParts {
  readonly folder: string
  readonly calls: GiteaCalls
  remote(repo: RepoRef): Promise<GitRemote>
}

// Fetches leave loose objects: now and then they are packed.
const tidyEvery = 500

export function giteaMirror({ folder, calls, remote }: MirrorParts): Mirror {
  const here = new Map<string, Set<string>>()
  const serial = serialByKey()
  let fetches = 0
  const dirOf = ({ owner, name }: RepoRef) => join(folder, owner, `${name}.git`)
  const open = (repo: RepoRef) => openWorkRepository(dirOf(repo))

  async function has(repo: RepoRef, commit: string): Promise<boolean> {
    const known = here.get(dirOf(repo)) ?? new Set()
    here.set(dirOf(repo), known)
    if (known.has(commit)) return true
    const { code } = await runGit(await open(repo), ['cat-file', '-e', commit], { accept: [1, 128] })
    if (code === 0) known.add(commit)
    return code === 0
  }

  /** One fetch at a time: two would fight for the same ref. */
  const fetch = (repo: RepoRef, { from, unless }: { from: string; unless: string }) =>
    serial(dirOf(repo), async () => {
      if (await has(repo, unless)) return unless
      const to = `refs/fairway/tips/${createHash('sha256').update(from).digest('hex').slice(0, 20)}`
      const at = await open(repo)
      if (++fetches % tidyEvery === 0) await tidyRepository(at)
      const [commit] = await fetchRefs(at, await remote(repo), [{ from, to }]).catch((error: unknown) => {
        if (isObjectId(from) && codeOf(error) === 'GIT_FAILED') return [undefined] // no such commit there
        throw error
      })
      return commit
    })

  const askGit = async (repo: RepoRef, ref: string) =>
    (await remoteRefs(await open(repo), await remote(repo), [ref])).get(ref)

  async function tip(repo: RepoRef, ref: string): Promise<string | undefined> {
    if (isObjectId(ref)) return (await has(repo, ref)) ? ref : fetch(repo, { from: ref, unless: ref })
    const branch = branchOf(ref)
    if (branch === undefined) return askGit(repo, ref)
    const { known, commit } = await calls.branch(repo, branch)
    if (!known) return askGit(repo, `refs/heads/${branch}`)
    if (commit === undefined) await calls.needRepository(repo)
    return commit
  }

  return {
    tip,
    open,
    async locate(repo, ref) {
      const commit = await tip(repo, ref)
      if (commit === undefined) return undefined
      const branch = branchOf(ref)
      const from = branch === undefined ? ref : `refs/heads/${branch}`
      const fetched = isObjectId(ref) ? commit : await fetch(repo, { from, unless: commit })
      return fetched === undefined ? undefined : { repo: await open(repo), ref: fetched }
    },
    async forget(repo) {
      here.delete(dirOf(repo))
      await rm(dirOf(repo), { recursive: true, force: true })
    },
  }
}

function branchOf(ref: string): string | undefined {
  if (ref.startsWith('refs/heads/')) return ref.slice('refs/heads/'.length)
  return ref.startsWith('refs/') ? undefined : ref
}
