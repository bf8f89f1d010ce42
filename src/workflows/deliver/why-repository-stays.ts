import { repoName } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import type { Platform } from '../platform.ts'
import { serviceRepo } from './place.ts'

/** Why an undo leaves the repository, and with it its name and catalog entry, as they are; undefined when it may go. */
export async function whyRepositoryStays(
  platform: Platform,
  { id, service = '', team = '' }: Pick<Run, 'id' | 'service' | 'team'>,
): Promise<string | undefined> {
  const repo = serviceRepo({ service, owner: team })
  const found = await platform.ports.gitHost.repositories.find(repo)
  if (!found || found.archived) return undefined
  if (found.marker !== id) return `repository ${repoName(repo)} was not made by this run`
  const commits = await platform.ports.gitHost.files.history(repo, { ref: 'main', limit: 2 })
  const isForeign = commits.some(({ trailers }) => !trailers.some(([key, value]) => key === 'Run-Id' && value === id))
  return isForeign ? `repository ${repoName(repo)} has commits of its own since` : undefined
}
