import { PlatformError } from '#errors/platform-error.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'

/** Where people clone a repository from, whatever keeps it. REPOSITORY_UNKNOWN when the platform knows none. */
export async function readRepository(
  platform: Platform,
  caller: Caller,
  repo: RepoRef,
): Promise<{ name: string; cloneUrl: string; defaultBranch: string; archived: boolean }> {
  authorise(caller, 'read')
  const found = await platform.ports.gitHost.repositories.find(repo)
  if (!found) throw new PlatformError('REPOSITORY_UNKNOWN', `there is no repository ${repoName(repo)}`)
  const { defaultBranch, archived } = found
  return { name: repoName(repo), cloneUrl: platform.ports.gitHost.cloneUrl(repo), defaultBranch, archived }
}
