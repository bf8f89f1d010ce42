import type { ChangeRequest, HostChange } from '#model/change-request.ts'
import { deliveryRepo, platformRepo, type RepoRef, repoName } from '#model/names.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { findRun } from '#store/run.ts'
import type { Decision } from '../deliver/approvals.ts'
import { authorsOf } from '../deliver/contributors.ts'
import { HandOver } from '../deliver/deliver.ts'
import type { Platform } from '../platform.ts'

/** What the platform knows of a change request beyond the host's word. */
export interface ChangeContext {
  readonly kind: ChangeRequest['kind']
  readonly service?: string
  readonly owner?: string
  readonly environment?: string
  readonly run?: string
  /** The one folder that the change is about, in the delivery repository. */
  readonly folder?: string
  /** Its run has not said yet who contributed and whether an approval is needed. */
  readonly isPreparing?: boolean
  readonly contributors: readonly string[]
  readonly paths: readonly string[]
  readonly needsApproval: boolean
  /** Names of checks that must have passed on the head. */
  readonly checks: readonly string[]
}

export async function contextOf(platform: Platform, change: HostChange): Promise<ChangeContext> {
  const kind = kindOf(change.repo)
  if (kind === 'delivery') return deliveryContext(platform, change)
  const { files } = platform.ports.gitHost
  const [diff, contributors, settings] = await Promise.all([
    files.diff(change.repo, { from: change.baseCommit, to: change.headCommit }),
    contributorsOf(platform, change),
    platform.settings(),
  ])
  const paths = diff.map((file) => file.path)
  if (kind === 'platform') {
    const compiles = paths.some((path) => path.startsWith('policies/')) ? ['policy-compile'] : []
    return { kind, contributors, paths, needsApproval: true, checks: ['settings', ...compiles] }
  }
  const review = settings.platform.spec.serviceReview === 'one'
  return {
    kind,
    service: change.repo.name,
    owner: change.repo.owner,
    contributors,
    paths,
    needsApproval: review,
    checks: ['pipeline'],
  }
}

export function kindOf(repo: RepoRef): ChangeRequest['kind'] {
  const name = repoName(repo)
  return name === repoName(deliveryRepo) ? 'delivery' : name === repoName(platformRepo) ? 'platform' : 'service'
}

/** Why it cannot merge now, each in one sentence; empty when it can. */
export function reasonsAgainst(change: HostChange, context: ChangeContext, decision: Decision): string[] {
  const reasons: string[] = []
  for (const name of context.checks) {
    const check = change.checks.find((candidate) => candidate.name === name)
    if (!check) reasons.push(`check ${name} has not reported yet`)
    else if (check.state !== 'success')
      reasons.push(`check ${name} ${check.state === 'pending' ? 'is running' : `failed: ${check.summary}`}`)
  }
  if (decision.rejectedBy.length > 0) reasons.push(`rejected by ${decision.rejectedBy.join(', ')}`)
  if (context.needsApproval && decision.approvedBy.length === 0) reasons.push('an approval is missing')
  return reasons
}

/** The run that opened a change request of the delivery repository, from its branch `fairway/<run>`. */
export function runOfBranch(head: string): string | undefined {
  return /^fairway\/([a-z0-9-]+)$/.exec(head)?.[1]
}

async function deliveryContext(platform: Platform, change: HostChange): Promise<ChangeContext> {
  const id = runOfBranch(change.head)
  const run = id === undefined ? undefined : await findRun(platform.db, id)
  const handOver = HandOver.safeParse(run?.result?.['handOver'])
  const place = run && {
    ...(run.service && { service: run.service }),
    ...(run.environment && { environment: run.environment }),
    ...(run.team && { owner: run.team }),
    ...(run.service && run.environment && { folder: deliveryPlace(run.service, run.environment) }),
    run: run.id,
  }
  const contributors = handOver.success ? handOver.data.contributors : [change.author]
  return {
    kind: 'delivery',
    ...place,
    isPreparing: !handOver.success,
    contributors,
    paths: [],
    needsApproval: handOver.success && handOver.data.needsApproval,
    checks: ['policy'],
  }
}

async function contributorsOf(platform: Platform, change: HostChange): Promise<string[]> {
  const [history, people] = await Promise.all([
    platform.ports.gitHost.files.history(change.repo, {
      ref: change.headCommit,
      since: change.baseCommit,
      limit: 1_000,
    }),
    platform.ports.identity.people(),
  ])
  return [...new Set([change.author, ...history.flatMap((commit) => authorsOf(commit, people))])].toSorted()
}
