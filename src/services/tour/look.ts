import { unreadyPath, withReadinessPath } from '#render/score/edit-readiness.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import type { CommitInfo } from '#ports/git-host.ts'
import type { ServiceRow } from '#store/service.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { type DeliveryPlace, serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'

/** The trailer of the tour's own commits. */
export const tourTrailer = 'Tour'
const mostCommits = 50

/** What stands on main of a service, as far as the tour asks. */
export interface Looked {
  readonly place: DeliveryPlace
  /** The newest commit of main; absent while the service is being made. */
  readonly head?: CommitInfo
  /** Whether that commit is the tour's own break. */
  readonly isBroken: boolean
  /** score.yaml now, and as the next act would write it. */
  readonly score?: { readonly now: string; readonly next: string }
  /** Why there is no tour of this service. */
  readonly over?: string
}

/**
 * Looks whether a service may be broken on purpose: nobody's own commit is on its main, it is nowhere but in the first
 * environment, and that one asks nobody for an approval. Whatever people rely on is not toured.
 */
export async function lookAt(platform: Platform, { name, owner }: Pick<ServiceRow, 'name' | 'owner'>): Promise<Looked> {
  const { environments, platform: own } = await platform.settings()
  const [first, ...others] = environments
  const place = { service: name, owner, environment: first?.metadata.name ?? '' }
  const none = { place, isBroken: false }
  if (!first || others.length === 0 || first.spec.approval !== 'none')
    return {
      ...none,
      over: 'the first environment is the only one, or asks for approvals: nothing is broken there on purpose',
    }
  if (own.spec.serviceReview === 'one')
    return {
      ...none,
      over: 'main of services takes reviewed changes only here, and the tour does not go around a review',
    }
  const commits = await platform.ports.gitHost.files.history(serviceRepo(place), { ref: 'main', limit: mostCommits })
  const [head] = commits
  if (!head) return none
  if (commits.length === mostCommits || !commits.every(isOfPlatform))
    return { ...none, head, over: `${name} has commits of its own: the tour is for a service that nobody works on yet` }
  const elsewhere = await Promise.all(
    others.map(async ({ metadata }) => {
      const [found] = await deploymentsIn(platform, { service: name, environment: metadata.name }, 1)
      return found && metadata.name
    }),
  )
  const beyond = elsewhere.find((found) => found !== undefined)
  if (beyond) return { ...none, head, over: `${name} runs in ${beyond}: the tour stays in ${place.environment}` }
  return withScore(platform, { place, head, isBroken: tourOf(head) === 'break' })
}

/** Which act of the tour a commit is. */
export function tourOf({ trailers }: CommitInfo): string | undefined {
  return trailers.find(([key]) => key === tourTrailer)?.[1]
}

async function withScore(platform: Platform, looked: Looked & { head: CommitInfo }): Promise<Looked> {
  const { place, head, isBroken } = looked
  const { files } = platform.ports.gitHost
  const read = (ref: string) => files.read(serviceRepo(place), ref, 'score.yaml')
  const now = await read(head.commit)
  const none = `${place.service} has no score.yaml with a readiness probe over HTTP`
  if (now === undefined) return { ...looked, over: none }
  if (isBroken) return { ...looked, score: { now, next: (await read(head.parents[0] ?? '')) ?? now } }
  await admitYaml(now)
  const edited = withReadinessPath(now, unreadyPath)
  return edited ? { ...looked, score: { now, next: edited.text } } : { ...looked, over: none }
}

function isOfPlatform(commit: CommitInfo): boolean {
  const isFirst = commit.parents.length === 0 && commit.trailers.some(([key]) => key === 'Golden-Path')
  return isFirst || tourOf(commit) !== undefined
}
