import { createHash } from 'node:crypto'
import { changeId, type HostChange } from '#model/change-request.ts'
import { platformActor } from '#model/people.ts'
import { deliveryRepo, platformRepo, type RepoRef, repoName } from '#model/names.ts'
import type { GitHostEvent } from '#ports/git-host.ts'
import { appendAudit } from '#store/audit.ts'
import { findRelease } from '#store/release.ts'
import { listRuns, patchRun } from '#store/run.ts'
import { findService, listServices, type ServiceRow } from '#store/service.ts'
import { inTransaction } from '#store/transaction.ts'
import { decidingApprovals } from '#workflows/deliver/approvals.ts'
import { runBranch } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { closeProposal } from '#workflows/deliver/close-change.ts'
import { contextOf, kindOf, reasonsAgainst, runOfBranch } from '#workflows/check/change-context.ts'
import { settleAdoption } from './adopt/settle-adoption.ts'
import { releaseRunId, startRun } from './start-run.ts'

/** Reacts to pushes and changed requests of the Git host, and looks itself now and then for what no event told. Returns the stop. */
export function reactToGitHost(platform: Platform, everyMs = 20_000): () => void {
  const failed = (error: unknown) =>
    platform.log.warn({ err: error }, 'a push was noticed but not acted on; the next look repeats it')
  const unsubscribe = platform.ports.gitHost.onEvent((event) => void onEvent(platform, event).catch(failed))
  let checked: ReadonlySet<string> = new Set()
  const look = async () => {
    const unchecked = lookForUnchecked(platform, checked).then((heads) => (checked = heads))
    await Promise.all([lookForPushes(platform), lookForApprovals(platform), lookForLoose(platform), unchecked])
  }
  let looking: Promise<unknown> | undefined // a look that takes longer than the time between two is not joined by another
  const turn = () =>
    void (looking ??= look()
      .catch(failed)
      .finally(() => (looking = undefined)))
  const timer = setInterval(turn, everyMs)
  return () => {
    unsubscribe()
    clearInterval(timer)
  }
}

/** Starts the release run of a commit on main; repeating starts nothing. */
export async function startRelease(
  platform: Platform,
  { repo, commit, actor }: { repo: RepoRef; commit: string; actor: string },
): Promise<void> {
  const [first] = (await platform.settings()).environments
  if (!first) return
  const input = { service: repo.name, owner: repo.owner, commit, environment: first.metadata.name }
  await startRun(platform, {
    id: releaseRunId(repo.name, commit),
    workflow: 'release',
    actor,
    service: repo.name,
    team: repo.owner,
    environment: first.metadata.name,
    input,
  })
}

/** Starts the checks of a change request's head; repeating starts nothing. */
export async function startCheck(platform: Platform, change: HostChange, actor: string): Promise<void> {
  if (kindOf(change.repo) === 'delivery' || change.state !== 'open') return
  const id = `k${createHash('sha256')
    .update(`${repoName(change.repo)}\0${change.number}\0${change.headCommit}`)
    .digest('hex')
    .slice(0, 11)}`
  const input = { repo: change.repo, number: change.number, commit: change.headCommit }
  await startRun(platform, { id, workflow: 'check', actor, service: change.repo.name, team: change.repo.owner, input })
}

async function onEvent(platform: Platform, event: GitHostEvent): Promise<void> {
  if (event.type === 'change') return platform.events.publish('change', `${repoName(event.repo)}#${event.number}`)
  if (event.actor !== platformActor) await recordPush(platform, event)
  if (repoName(event.repo) === repoName(platformRepo)) {
    await platform.settings()
    await platform.events.publish('platform', 'settings')
  }
  if (repoName(event.repo) === repoName(deliveryRepo))
    return event.ref === 'refs/heads/main' ? platform.events.publish('delivery', 'main') : undefined
  const branch = /^refs\/heads\/(.+)$/.exec(event.ref)?.[1]
  if (!branch || /^0+$/.test(event.after)) return
  if (branch === 'main') return pushedMain(platform, { repo: event.repo, commit: event.after, actor: event.actor })
  const change = await platform.ports.gitHost.changes.findByHead(event.repo, branch)
  if (change) await startCheck(platform, change, event.actor)
}

/** Git itself keeps what was pushed; who pushed it, whatever the commits say, is known here alone. */
async function recordPush(platform: Platform, event: GitHostEvent & { type: 'push' }): Promise<void> {
  const { repo, ref, before, after, actor } = event
  const isDeletion = /^0+$/.test(after)
  await appendAudit(platform.db, {
    actor,
    action: 'git.push',
    object: `repository:${repoName(repo)}`,
    phase: 'act',
    result: 'ok',
    ...(!isDeletion && { commit: after }),
    detail: { ref, before, after },
  })
}

async function pushedMain(
  platform: Platform,
  { repo, commit, actor }: { repo: RepoRef; commit: string; actor: string },
): Promise<void> {
  if (kindOf(repo) !== 'service' || actor === platformActor) return
  // A repository that is no service yet is somebody's own matter.
  if ((await findService(platform.db, repo.name))?.state !== 'live') return
  await startRelease(platform, { repo, commit, actor })
}

/** The safety net: a service whose main has no release run yet gets one. The first commit belongs to the run that made it. */
async function lookForPushes(platform: Platform): Promise<void> {
  for (const service of await listServices(platform.db)) {
    if (service.state === 'reserved') continue
    const look = service.state === 'adopting' ? settleAdoption : lookForPush
    await look(platform, service).catch((error: unknown) =>
      platform.log.warn({ err: error, service: service.name }, 'a repository could not be looked at for pushes'),
    )
  }
}

async function lookForPush(platform: Platform, service: ServiceRow): Promise<void> {
  const repo = { owner: service.owner, name: service.name }
  const [head] = await platform.ports.gitHost.files.history(repo, { ref: 'main', limit: 1 })
  if (!head || head.trailers.some(([key]) => key === 'Run-Id')) return
  if (await findRelease(platform.db, service.name, { commit: head.commit })) return
  const people = await platform.ports.identity.people()
  const author = people.find((person) => person.email === head.authorEmail)?.name ?? platformActor
  await startRelease(platform, { repo, commit: head.commit, actor: author })
}

/**
 * Ends what a crash left half-said: a run that waits for a request that somebody closed, and a request whose run waits no
 * more. Nothing stays open that nobody will ever decide.
 */
async function lookForLoose(platform: Platform): Promise<void> {
  const { changes } = platform.ports.gitHost
  for (const change of await changes.list({ repo: deliveryRepo, state: 'open', limit: 100 })) {
    const run = runOfBranch(change.head)
    if (run) await closeProposal(platform, { run })
  }
  for (const run of await listRuns(platform.db, { state: 'waiting', limit: 100 })) {
    const change = await changes.findByHead(deliveryRepo, runBranch(run.id))
    if (change?.state !== 'closed') continue
    await patchRun(platform.db, run.id, { state: 'cancelled', finished: true, waitingFor: null, when: ['waiting'] })
    await platform.events.publish('run', run.id)
  }
}

/**
 * Starts the checks of change requests, also of those that were opened or pushed to where no event told of it. Gives the
 * heads that are open now, so that the next look asks only for others.
 */
async function lookForUnchecked(platform: Platform, checked: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const heads = new Set<string>()
  for (const change of await platform.ports.gitHost.changes.list({ state: 'open', limit: 500 })) {
    const head = `${changeId(change)} ${change.headCommit}`
    if (!checked.has(head)) await startCheck(platform, change, change.author)
    heads.add(head)
  }
  return heads
}

/** Delivers what was approved while nobody could note it: the approval is on the host, the run still waits. */
async function lookForApprovals(platform: Platform): Promise<void> {
  for (const run of await listRuns(platform.db, { state: 'waiting', limit: 100 })) {
    const change = await platform.ports.gitHost.changes.findByHead(deliveryRepo, runBranch(run.id))
    if (change?.state !== 'open' || change.approvals.length === 0) continue
    const context = await contextOf(platform, change)
    const decided = await decidingApprovals(platform, { change, ...context })
    if (decided.approvedBy.length === 0 || reasonsAgainst(change, context, decided).length > 0) continue
    await inTransaction(platform.pool, (tx, client) => platform.engine.deliver(tx, client, run))
  }
}
