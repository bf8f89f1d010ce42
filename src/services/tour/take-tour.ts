import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import { repoName } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import type { TourCommit } from '#model/tour.ts'
import { findRun } from '#store/run.ts'
import { platformAuthor } from '#workflows/deliver/author.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { withIntent } from '../audit/with-intent.ts'
import { authorise, type Caller, requireService } from '../caller.ts'
import { startRelease } from '../react.ts'
import { releaseRunId } from '../start-run.ts'
import { lookAt, type Looked, tourOf, tourTrailer } from './look.ts'
import { tourCommit, tourOf as tourAsSeen } from './read-tour.ts'
import { standingOf } from './stage.ts'

export interface TourRequest {
  readonly name: string
  readonly act: 'break' | 'mend'
}

/** The commit that the act would make. TOUR_NOT_NOW, with why, where the tour does not offer it. */
export async function previewTour(platform: Platform, caller: Caller, request: TourRequest): Promise<TourCommit> {
  authorise(caller, 'read')
  const row = await requireService(platform, request.name)
  return offered(platform, caller, { request, looked: await lookAt(platform, row) })
}

/**
 * Makes the commit on main as this person and starts its release, as their own push would. Asked again while that commit
 * is the newest one, it gives the same run.
 */
export async function takeTour(
  platform: Platform,
  caller: Caller,
  request: TourRequest,
): Promise<{ run: Run; commit: string }> {
  const row = await requireService(platform, request.name)
  authorise(caller, 'repository.push', row.owner)
  const looked = await lookAt(platform, row)
  const done = looked.over === undefined && looked.head && tourOf(looked.head) === request.act
  const commit = done && looked.head ? looked.head.commit : await push(platform, caller, { request, looked })
  const repo = serviceRepo(looked.place)
  await startRelease(platform, { repo, commit, actor: caller.person.name })
  const run = await findRun(platform.db, releaseRunId(row.name, commit))
  if (!run) throw new PlatformError('RUN_UNKNOWN', `the release of ${commit.slice(0, 12)} is gone`)
  await platform.events.publish('service', row.name)
  return { run, commit }
}

async function push(
  platform: Platform,
  caller: Caller,
  { request, looked }: { request: TourRequest; looked: Looked },
): Promise<string> {
  const commit = await offered(platform, caller, { request, looked })
  const object = `service:${looked.place.service}`
  return withIntent(platform.db, {
    record: { actor: caller.person.name, action: `tour.${request.act}`, object, detail: { title: commit.title } },
    work: () => pushCommit(platform, caller, { request, looked, commit }),
    outcome: (made) => ({ commit: made }),
  })
}

async function offered(
  platform: Platform,
  caller: Caller,
  { request, looked }: { request: TourRequest; looked: Looked },
): Promise<TourCommit> {
  const standing = await standingOf(platform, looked)
  const tour = await tourAsSeen(platform, caller, { looked, standing })
  const commit = tour.acts.some(({ act }) => act === request.act) ? tourCommit(looked) : undefined
  if (commit) return commit
  throw new PlatformError('TOUR_NOT_NOW', tour.says, { hint: `fairway tour ${request.name}` })
}

async function pushCommit(
  platform: Platform,
  { person }: Caller,
  { request, looked, commit }: { request: TourRequest; looked: Looked; commit: TourCommit },
): Promise<string> {
  const objects = { dir: platform.objects }
  const repo = serviceRepo(looked.place)
  const remote = await platform.ports.gitHost.remote(repo)
  const ref = `refs/fairway/tour/${repo.owner}/${repo.name}`
  const [parent] = await fetchRefs(objects, remote, [{ from: 'refs/heads/main', to: ref }])
  const baseTree = parent && (await treeOf(objects, parent))
  if (!parent || !baseTree || parent !== looked.head?.commit)
    throw new PlatformError('CONFLICT', `main of ${repoName(repo)} moved meanwhile`, {
      hint: `fairway tour ${request.name}`,
    })
  const write = [{ path: commit.file.path, content: commit.file.after ?? '' }]
  const made = await commitTree(objects, {
    tree: await editTree(objects, { baseTree, write }),
    parents: [parent],
    message: messageOf(request, { title: commit.title, by: person.name }),
    author: { name: person.displayName, email: person.email ?? `${person.name}@fairway.local` },
    committer: platformAuthor,
    at: new Date(),
    signer: platform.signer,
  })
  await pushRefs(objects, remote, [{ commit: made, to: 'refs/heads/main', expect: parent }])
  return made
}

function messageOf({ act, name }: TourRequest, { title, by }: { title: string; by: string }): string {
  const why =
    act === 'break'
      ? `Broken on purpose, to see a rollout fail. To take it back: fairway tour mend ${name}`
      : 'The tour is over: the readiness probe asks again what the service answers.'
  return `${title}\n\n${why}\n\n${tourTrailer}: ${act}\nRequested-by: ${by}\n`
}
