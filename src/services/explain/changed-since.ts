import type { FileDiff } from '#model/change-request.ts'
import type { Deployment } from '#model/deployment.ts'
import type { ChangedSince } from '#model/explanation.ts'
import type { Run } from '#model/run.ts'
import { findRelease } from '#store/release.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'

export interface FailedPlace {
  readonly service: string
  readonly environment: string
  readonly owner: string
}

/** The last deployment there that was healthy and is not of this run. */
export async function lastGood(platform: Platform, place: FailedPlace, run: Run): Promise<Deployment | undefined> {
  const history = await deploymentsIn(platform, place, 30)
  return history.find((one) => one.outcome === 'healthy' && one.run !== run.id && one.at < (run.finishedAt ?? '~'))
}

/** The commit of the service's repository that the run was about. */
export async function commitOf(platform: Platform, service: string, run: Run): Promise<string | undefined> {
  const known = run.input['commit'] ?? run.result?.['commit']
  if (typeof known === 'string') return known
  const version = run.result?.['version']
  return typeof version === 'string' ? (await findRelease(platform.db, service, { version }))?.commit : undefined
}

/** Commits and files between the last good release and the one that failed, in the service's own repository. */
export async function changedSince(
  platform: Platform,
  place: FailedPlace,
  { good, commit }: { good: Deployment; commit: string },
): Promise<ChangedSince> {
  const { files } = platform.ports.gitHost
  const repo = serviceRepo(place)
  const [history, diff] = await Promise.all([
    files.history(repo, { ref: commit, since: good.sourceCommit, limit: 50 }),
    files.diff(repo, { from: good.sourceCommit, to: commit }),
  ])
  return {
    version: good.version,
    commit: good.sourceCommit,
    at: good.at,
    by: [...new Set(history.map(({ author }) => author))],
    commits: history.map(({ commit: id, author, subject, at }) => ({ commit: id, author, message: subject, at })),
    files: diff.slice(0, mostFiles).map(short),
    moreFiles: Math.max(0, diff.length - mostFiles),
  }
}

const mostFiles = 20
const mostText = 20_000

function short({ before, after, ...file }: FileDiff): FileDiff {
  const fits = (before?.length ?? 0) + (after?.length ?? 0) <= mostText
  return fits ? { ...file, ...(before !== undefined && { before }), ...(after !== undefined && { after }) } : file
}
