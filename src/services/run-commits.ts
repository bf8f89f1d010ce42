import { PlatformError } from '#errors/platform-error.ts'
import type { FileDiff } from '#model/change-request.ts'
import { deliveryRepo, type RepoRef, repoName } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import type { RunCommit, RunCommitDiff } from '#model/run-commit.ts'
import type { CommitInfo } from '#ports/git-host.ts'
import { findRun, stepOutputs } from '#store/run.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'

const mostFiles = 12
const mostShown = 60
const mostText = 60_000

/** A commit that a run is about, before it was looked up. */
interface Named {
  readonly step?: string
  readonly repo: RepoRef
  readonly place: RunCommit['place']
  readonly commit: string
  readonly change?: string
}

/** The real commits of a run, in the order in which they came to be: the one that started it, and those its steps wrote. */
export async function readRunCommits(platform: Platform, caller: Caller, id: string): Promise<RunCommit[]> {
  authorise(caller, 'read')
  const named = await commitsOf(platform, id)
  const read = await Promise.all(named.map(async (one) => view(one, await infoOf(platform, one))))
  return read.filter((one) => one !== undefined)
}

/** One of them with its message and what it changed. NOT_FOUND for a commit that is none of the run's. */
export async function readRunCommit(
  platform: Platform,
  caller: Caller,
  { id, commit }: { id: string; commit: string },
): Promise<RunCommitDiff> {
  authorise(caller, 'read')
  const named = (await commitsOf(platform, id)).find((one) => one.commit === commit)
  const info = named && (await infoOf(platform, named))
  const shown = named && view(named, info)
  if (!named || !info || !shown)
    throw new PlatformError('NOT_FOUND', `run ${id} has no commit ${commit.slice(0, 12)}`, {
      hint: `fairway run commits ${id}`,
    })
  return { ...shown, message: info.body, diff: await diffOf(platform, named.repo, info) }
}

async function commitsOf(platform: Platform, id: string): Promise<readonly Named[]> {
  const run = await findRun(platform.db, id)
  if (!run) throw new PlatformError('RUN_UNKNOWN', `there is no run ${id}`, { hint: 'fairway run list' })
  const outputs = await stepOutputs(platform.db, id)
  const repo = serviceRepoOf(run)
  const first = commitIn(outputs.get('push-skeleton'))
  const asked = run.workflow === 'release' ? commitIn(run.input) : undefined
  const merged = commitIn(outputs.get('merge-change'))
  const change = outputs.get('open-change')?.['change']
  return [
    ...(repo && asked ? [{ repo, place: 'service' as const, commit: asked }] : []),
    ...(repo && first ? [{ step: 'push-skeleton', repo, place: 'service' as const, commit: first }] : []),
    ...(merged
      ? [
          {
            step: 'merge-change',
            repo: deliveryRepo,
            place: 'delivery' as const,
            commit: merged,
            ...(typeof change === 'string' && { change }),
          },
        ]
      : []),
  ]
}

/** Undefined for one that is gone with its repository, or whose host does not answer for it. */
async function infoOf(platform: Platform, { repo, commit }: Named): Promise<CommitInfo | undefined> {
  const { files, repositories } = platform.ports.gitHost
  if (!(await repositories.find(repo))) return undefined
  const [info] = await files.history(repo, { ref: commit, limit: 1, files: true })
  if (!info) return undefined
  // what a first commit changed is everything it has
  return info.parents.length > 0 ? info : { ...info, files: await files.list(repo, commit) }
}

function view({ repo, ...named }: Named, info: CommitInfo | undefined): RunCommit | undefined {
  if (!info) return undefined
  const files = info.files ?? []
  return {
    ...named,
    repository: repoName(repo),
    title: info.subject,
    author: info.author,
    at: info.at,
    files: files.slice(0, mostFiles),
    moreFiles: Math.max(0, files.length - mostFiles),
  }
}

async function diffOf(platform: Platform, repo: RepoRef, { commit, parents }: CommitInfo): Promise<FileDiff[]> {
  const { files } = platform.ports.gitHost
  const [parent] = parents
  if (parent) return (await files.diff(repo, { from: parent, to: commit })).slice(0, mostShown).map(short)
  const paths = (await files.list(repo, commit)).slice(0, mostShown)
  const texts = await files.readAll(repo, commit, paths)
  return paths.map((path) => {
    const after = texts.get(path)
    const additions = after === undefined ? 0 : after.split('\n').length - (after.endsWith('\n') ? 1 : 0)
    return short({ path, status: 'added', ...(after !== undefined && { after }), additions, deletions: 0 })
  })
}

function short({ before, after, ...file }: FileDiff): FileDiff {
  const fits = (before?.length ?? 0) + (after?.length ?? 0) <= mostText
  return fits ? { ...file, ...(before !== undefined && { before }), ...(after !== undefined && { after }) } : file
}

function serviceRepoOf({ service, team }: Run): RepoRef | undefined {
  return service && team ? { owner: team, name: service } : undefined
}

function commitIn(facts: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const commit = facts?.['commit']
  return typeof commit === 'string' && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined
}
