import { PlatformError } from '#errors/platform-error.ts'
import type { Explanation } from '#model/explanation.ts'
import type { Run } from '#model/run.ts'
import { findRun, listRuns } from '#store/run.ts'
import { findService } from '#store/service.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller, requireService } from '../caller.ts'
import { recentDeployments } from '../read-service.ts'
import { causeOf } from './cause-of.ts'
import { changedSince, commitOf, lastGood } from './changed-since.ts'
import { evidenceOf } from './evidence.ts'
import { nextActs } from './next-acts.ts'
import { reportText } from './report-text.ts'

/** Why a run failed; nothing for a run that did not. The one place where it is made: API, portal and CLI repeat it. */
export async function explainFailure(
  platform: Platform,
  caller: Caller,
  id: string,
): Promise<{ explanation?: Explanation }> {
  authorise(caller, 'read')
  const run = await findRun(platform.db, id)
  if (!run) throw new PlatformError('RUN_UNKNOWN', `no run has the id ${id}`, { hint: 'fairway run list' })
  const explanation = await explained(platform, caller, run)
  return explanation ? { explanation } : {}
}

/** What stands failed of a service: the present deployment of each environment, and its newest run. */
export async function explainService(
  platform: Platform,
  caller: Caller,
  { name, version }: { name: string; version?: string | undefined },
): Promise<Explanation[]> {
  authorise(caller, 'read')
  await requireService(platform, name)
  const [deployments, runs] = await Promise.all([
    recentDeployments(platform, { service: name, limit: 30 }),
    listRuns(platform.db, { service: name, limit: 20 }),
  ])
  const failed = deployments.filter(
    ({ outcome, current }) => outcome === 'failed' && (current || version !== undefined),
  )
  const newest = version === undefined ? runs.slice(0, 1) : runs
  const ids = new Set([...failed.flatMap(({ run }) => run ?? []), ...newest.map(({ id }) => id)])
  const found = await Promise.all(
    [...ids].map(async (id) => {
      const run = await findRun(platform.db, id)
      return run && (version === undefined || run.result?.['version'] === version)
        ? explained(platform, caller, run)
        : undefined
    }),
  )
  return found.filter((one) => one !== undefined)
}

async function explained(platform: Platform, caller: Caller, run: Run): Promise<Explanation | undefined> {
  // a run can fail between two steps: then the one it had come to is named
  const step = run.steps.find(({ state }) => state === 'failed') ?? run.steps.findLast((one) => one.startedAt)
  const problem = step?.error ?? run.error
  if (run.state !== 'failed' || !problem || !step) return undefined
  const service = run.service ?? ''
  const environment = run.environment ?? (await platform.settings()).environments[0]?.metadata.name ?? ''
  const owner = (await findService(platform.db, service))?.owner ?? run.team ?? ''
  const place = { service, environment, owner }
  const good = await lastGood(platform, place, run)
  const commit = await commitOf(platform, service, run)
  const { kind, sentence } = causeOf({ service, environment, step, problem, commit: commit?.slice(0, 12) })
  const evidence = await evidenceOf(platform, { run, step, problem, place })
  const changed = good && commit && (await changedSince(platform, place, { good, commit }).catch(() => undefined))
  const delivered = step.name === 'watch-rollout'
  const version = run.result?.['version']
  const found: Omit<Explanation, 'report'> = {
    run: run.id,
    ...(run.service && { service: run.service }),
    ...(environment && { environment }),
    ...(typeof version === 'string' && { version }),
    step: step.name,
    kind,
    cause: sentence,
    evidence,
    ...(changed && { changed }),
    next: nextActs(caller, { run, kind, place, problem, good, commit, delivered }),
  }
  return { ...found, report: reportText(run, found) }
}
