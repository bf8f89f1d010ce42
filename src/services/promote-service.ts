import type { DeliveryPreview } from '#model/template.ts'
import type { Run } from '#model/run.ts'
import { findRelease } from '#store/release.ts'
import { chooseEarlier } from '#workflows/rollback/rollback.ts'
import { choosePromotion } from '#workflows/promote/promote.ts'
import { changeVerdict, manifestVerdict } from '#workflows/deliver/check-policy.ts'
import { contributionOf } from '#workflows/deliver/contributors.ts'
import { fetchDelivery } from '#workflows/deliver/open-change.ts'
import { manifestsOf } from '#workflows/deliver/render-manifests.ts'
import type { Platform } from '#workflows/platform.ts'
import { environmentOf } from '#workflows/settings.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { treeOf, writeTree } from '#lib/git/trees.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { authorise, type Caller, requireService } from './caller.ts'
import { deliveryDiff, plannedDelivery } from './delivery-preview.ts'
import { driftSentence } from './drift/read-drift.ts'
import { repeatedRun, startRun } from './start-run.ts'

export interface PromotionRequest {
  readonly service: string
  readonly to: string
  readonly version?: string | undefined
}

/** Starts a promotion; why it cannot be is said before a run exists. */
export async function promoteService(
  platform: Platform,
  caller: Caller,
  { request, idempotencyKey }: { request: PromotionRequest; idempotencyKey?: string | undefined },
): Promise<Run> {
  const { owner } = await requireService(platform, request.service)
  authorise(caller, 'service.promote', owner)
  const place = { service: request.service, owner, environment: request.to }
  const input = { ...place, ...(request.version && { version: request.version }) }
  const wanted = {
    workflow: 'promote' as const,
    actor: caller.person.name,
    service: request.service,
    team: owner,
    environment: request.to,
    input,
    idempotencyKey,
  }
  const repeat = await repeatedRun(platform, wanted)
  if (repeat) return repeat
  await choosePromotion(platform, { ...place, version: request.version })
  return startRun(platform, wanted)
}

/** The rendered difference a promotion would commit, what the rules say of it and who would have to agree. */
export async function previewPromotion(
  platform: Platform,
  caller: Caller,
  request: PromotionRequest,
): Promise<DeliveryPreview> {
  authorise(caller, 'read')
  const { owner } = await requireService(platform, request.service)
  const place = { service: request.service, owner, environment: request.to }
  const chosen = await choosePromotion(platform, { ...place, version: request.version })
  const release = await findRelease(platform.db, request.service, { commit: chosen.commit })
  if (!release) throw new PlatformError('RELEASE_UNKNOWN', `${request.service} has no release ${chosen.version}`)
  const files = await manifestsOf(platform, {
    place,
    release,
    facts: { run: 'preview', requestedBy: caller.person.name, promotedFrom: chosen.from },
  })
  const current = chosen.now
  const contribution = await contributionOf(platform, {
    place,
    from: current?.sourceCommit,
    to: release.commit,
    requestedBy: caller.person.name,
  })
  return {
    service: request.service,
    environment: request.to,
    ...(current && { from: { version: current.version, commit: current.sourceCommit } }),
    to: { version: release.version, commit: release.commit },
    files: [...(await deliveryDiff(platform, { place, tree: await writeTree({ dir: platform.objects }, files) }))],
    verdict: await manifestVerdict(platform, { gate: 'change', place, files }),
    commits: [...contribution.commits],
    contributors: [...contribution.contributors],
    approval: approvalSentence(chosen.approval !== 'none', owner),
    ...(await driftOf(platform, place)),
    effects: plannedDelivery('promote', { ...place, version: release.version }),
  }
}

export interface RollbackRequest {
  readonly service: string
  readonly environment: string
  readonly to?: string | undefined
  readonly reason: string
}

/** Starts a rollback; NO_EARLIER_RELEASE and denials of newer rules are said before a run exists. */
export async function rollbackService(
  platform: Platform,
  caller: Caller,
  { request, idempotencyKey }: { request: RollbackRequest; idempotencyKey?: string | undefined },
): Promise<Run> {
  const { owner } = await requireService(platform, request.service)
  authorise(caller, 'service.rollback', owner)
  environmentOf(await platform.settings(), request.environment)
  const input = {
    service: request.service,
    owner,
    environment: request.environment,
    reason: request.reason,
    ...(request.to && { to: request.to }),
  }
  const wanted = {
    workflow: 'rollback' as const,
    actor: caller.person.name,
    service: request.service,
    team: owner,
    environment: request.environment,
    input,
    idempotencyKey,
  }
  const repeat = await repeatedRun(platform, wanted)
  if (repeat) return repeat
  await chooseEarlier(platform, request)
  return startRun(platform, wanted)
}

/** What a rollback would bring back, as the difference it would commit. */
export async function previewRollback(
  platform: Platform,
  caller: Caller,
  request: RollbackRequest,
): Promise<DeliveryPreview> {
  authorise(caller, 'read')
  const { owner } = await requireService(platform, request.service)
  const place = { service: request.service, owner, environment: request.environment }
  const environment = environmentOf(await platform.settings(), request.environment)
  const { target, current } = await chooseEarlier(platform, request)
  await fetchDelivery(platform)
  const tree = await treeOf(
    { dir: platform.objects },
    target.commit,
    deliveryPlace(request.service, request.environment),
  )
  if (!tree)
    throw new PlatformError(
      'NO_EARLIER_RELEASE',
      `commit ${target.commit.slice(0, 12)} no longer holds ${request.service}`,
    )
  const second =
    (environment.spec.rollback === 'approval' || target.outcome !== 'healthy') && environment.spec.approval !== 'none'
  return {
    service: request.service,
    environment: request.environment,
    from: { version: current.version, commit: current.sourceCommit },
    to: { version: target.version, commit: target.sourceCommit },
    files: [...(await deliveryDiff(platform, { place, tree }))],
    verdict: await changeVerdict(platform, { place, tree }),
    commits: [],
    contributors: [caller.person.name],
    approval: approvalSentence(second, owner),
    ...(await driftOf(platform, place)),
    effects: plannedDelivery('rollback', { ...place, version: target.version }),
  }
}

async function driftOf(platform: Platform, place: { service: string; environment: string }) {
  const drift = await driftSentence(platform, place)
  return drift === undefined ? {} : { drift }
}

/** Who has to agree, in one sentence. */
export function approvalSentence(needed: boolean, owner: string): string {
  return needed
    ? `needs an approval by a member of ${owner} or a platform engineer who did not contribute`
    : 'needs no approval'
}
