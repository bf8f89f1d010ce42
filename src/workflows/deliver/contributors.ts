import { repoName } from '#model/names.ts'
import type { Person } from '#model/people.ts'
import type { CommitInfo } from '#ports/git-host.ts'
import { pushersOf } from '#store/run.ts'
import type { Platform } from '../platform.ts'
import { serviceRepo, type DeliveryPlace } from './place.ts'

export interface Contribution {
  readonly contributors: readonly string[]
  /** Service commits between the release now there and the new one, newest first. */
  readonly commits: readonly { commit: string; author: string; message: string; at: string }[]
}

/**
 * Contributors of a promotion (design.md section 2): who asked for it, plus pusher, authors and co-authors of every
 * service commit between the release now in that environment and the new one.
 */
export async function contributionOf(
  platform: Platform,
  { place, from, to, requestedBy }: { place: DeliveryPlace; from: string | undefined; to: string; requestedBy: string },
): Promise<Contribution> {
  const commits = await commitsBetween(platform, { place, from, to })
  const people = await platform.ports.identity.people()
  const authors = commits.flatMap((commit) => authorsOf(commit, people))
  const pushers = await pushersOf(
    platform.db,
    { service: place.service, repository: repoName(serviceRepo(place)) },
    commits.map(({ commit }) => commit),
  )
  return {
    contributors: [...new Set([requestedBy, ...authors, ...pushers])].filter((name) => name !== 'fairway').toSorted(),
    commits: commits.map(({ commit, author, subject, at }) => ({ commit, author, message: subject, at })),
  }
}

async function commitsBetween(
  platform: Platform,
  { place, from, to }: { place: DeliveryPlace; from: string | undefined; to: string },
): Promise<readonly CommitInfo[]> {
  const { files } = platform.ports.gitHost
  const repo = serviceRepo(place)
  const known = from && (await files.resolve(repo, from))
  const added = await files.history(repo, { ref: to, limit: mostCommits, ...(known && { since: known }) })
  // Nothing on top: an earlier release comes back. Everybody who made it counts.
  return added.length > 0 ? added : files.history(repo, { ref: to, limit: mostCommits })
}

/** Beyond so many commits the oldest authors are not looked at. */
const mostCommits = 2_000

/** People by e-mail first, then by name: whoever could be meant counts, since a contributor may not approve. */
export function authorsOf(commit: CommitInfo, people: readonly Person[]): string[] {
  const coAuthors = commit.trailers.filter(([key]) => key.toLowerCase() === 'co-authored-by').map(([, value]) => value)
  return [`${commit.author} <${commit.authorEmail}>`, ...coAuthors].flatMap((written) => {
    const match = /^(.*?)\s*<([^>]*)>$/.exec(written)
    const [name, email] = match ? [match[1] ?? '', match[2] ?? ''] : [written, '']
    return people
      .filter((person) => same(person.email, email) || same(person.name, name) || same(person.displayName, name))
      .map((person) => person.name)
  })
}

function same(a: string | undefined, b: string): boolean {
  return a !== undefined && b !== '' && a.toLowerCase() === b.toLowerCase()
}
