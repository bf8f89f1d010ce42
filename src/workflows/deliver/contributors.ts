import type { Person } from '#model/people.ts'
import type { CommitInfo } from '#ports/git-host.ts'
import { listReleases } from '#store/release.ts'
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
  const pushers = await pushersOf(platform, place.service, new Set(commits.map((commit) => commit.commit)))
  return {
    contributors: [...new Set([requestedBy, ...authors, ...pushers])].filter((name) => name !== 'fairway').toSorted(),
    commits: commits.map(({ commit, author, subject, at }) => ({ commit, author, message: subject, at })),
  }
}

async function commitsBetween(
  platform: Platform,
  { place, from, to }: { place: DeliveryPlace; from: string | undefined; to: string },
): Promise<readonly CommitInfo[]> {
  const history = await platform.ports.gitHost.files.history(serviceRepo(place), { ref: to, limit: 200 })
  const end = from ? history.findIndex((commit) => commit.commit === from) : -1
  return end === -1 ? history : history.slice(0, end)
}

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

/** Who pushed the heads of releases: the authenticated pusher, whatever the commits say. */
async function pushersOf(platform: Platform, service: string, commits: ReadonlySet<string>): Promise<string[]> {
  const releases = await listReleases(platform.db, service, 200)
  return releases.filter((release) => commits.has(release.commit)).map((release) => release.createdBy)
}
