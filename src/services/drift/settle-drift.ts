import { PlatformError } from '#errors/platform-error.ts'
import type { DriftPlan } from '#model/drift.ts'
import { deliveryRepo } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { type DriftRow, markDrift } from '#store/drift.ts'
import { findRun } from '#store/run.ts'
import { mayApprovePromotion } from '#workflows/deliver/approvals.ts'
import { adoptDriftWorkflow } from '#workflows/drift/adopt-drift.ts'
import { pastThePlatform } from '#workflows/drift/past-platform.ts'
import { repairDriftWorkflow } from '#workflows/drift/repair-drift.ts'
import { revertDriftWorkflow } from '#workflows/drift/revert-drift.ts'
import type { Platform } from '#workflows/platform.ts'
import { environmentOf } from '#workflows/settings.ts'
import { authorise, type Caller } from '../caller.ts'
import { repeatedRun, type RunRequest, startRun } from '../start-run.ts'
import { ownerOf, readDrift, requireDrift, whyNotAdoptable } from './read-drift.ts'

export interface Settlement {
  readonly id: string
  readonly act: 'revert' | 'adopt'
  readonly idempotencyKey?: string | undefined
}

/** Starts what settles a drift. DRIFT_NONE when there is none left, DRIFT_NOT_ADOPTABLE when it cannot be taken over. */
export async function settleDrift(
  platform: Platform,
  caller: Caller,
  { id, act, idempotencyKey }: Settlement,
): Promise<Run> {
  const row = await requireDrift(platform, id)
  authorise(caller, act === 'revert' ? 'drift.revert' : 'drift.adopt', await ownerOf(platform, row))
  const { workflow, input } = await chosen(platform, row, act)
  const wanted: RunRequest = {
    workflow: workflow.name,
    actor: caller.person.name,
    service: row.service ?? 'delivery',
    team: (await ownerOf(platform, row)) ?? 'platform',
    ...(row.environment && { environment: row.environment }),
    input: { ...input, drift: id },
    idempotencyKey,
  }
  const repeat = await repeatedRun(platform, wanted)
  if (repeat) return repeat
  await requireOpen(platform, row, act)
  const run = await startRun(platform, wanted)
  await markDrift(platform.db, id, { run: run.id, act })
  await platform.events.publish('drift', id)
  return run
}

/** What it would do, step by step; changes nothing. */
export async function previewSettlement(
  platform: Platform,
  caller: Caller,
  { id, act }: Settlement,
): Promise<DriftPlan> {
  const drift = await readDrift(platform, caller, id)
  const row = await requireDrift(platform, id)
  await requireOpen(platform, row, act)
  const { workflow, input } = await chosen(platform, row, act)
  const place = `${row.service ?? row.path}${row.environment ? ` in ${row.environment}` : ''}`
  const title = act === 'revert' ? `Revert ${place} to what was approved` : `Adopt ${place} as it is in Git`
  return {
    drift,
    act,
    effects: workflow.steps.map((step) => ({
      step: step.name,
      title: step.title,
      effect: step.describe({ ...input, title } as never),
    })),
    approval: await approvalSentence(platform, row, act),
  }
}

async function requireOpen(platform: Platform, row: DriftRow, act: Settlement['act']): Promise<void> {
  if (row.resolvedAt || (row.kind === 'git' && !(await isStillThere(platform, row))))
    throw new PlatformError('DRIFT_NONE', `${row.path} is as it was approved`, { hint: 'fairway drift' })
  if (act === 'revert') return
  const why = await whyNotAdoptable(platform, row)
  if (why !== undefined)
    throw new PlatformError('DRIFT_NOT_ADOPTABLE', why, {
      hint: 'revert it, or make the change in the service repository',
    })
}

async function isStillThere(platform: Platform, { path }: DriftRow): Promise<boolean> {
  return (await pastThePlatform(platform)).some((one) => one.path === path)
}

/** A deployment that had an approved state goes back to it through the gates; everything else is put right at once. */
async function chosen(platform: Platform, row: DriftRow, act: Settlement['act']) {
  const { kind, path, service, environment } = row
  const owner = await ownerOf(platform, row)
  const place = service && environment && owner ? { service, environment, owner } : undefined
  if (act === 'adopt' && place) return { workflow: adoptDriftWorkflow, input: place }
  const asked = row.run && row.act === act ? await findRun(platform.db, row.run) : undefined
  const isRepair = asked?.workflow === 'repair-drift' // a repeated request is the same one, whatever the first did since
  const hadState = place && kind === 'git' && !isRepair && (await wasDelivered(platform, row))
  if (hadState) return { workflow: revertDriftWorkflow, input: place }
  return {
    workflow: repairDriftWorkflow,
    input: { kind, path, ...(service && { service }), ...(environment && { environment }) },
  }
}

async function wasDelivered(platform: Platform, { path }: DriftRow): Promise<boolean> {
  const found = (await pastThePlatform(platform)).find((one) => one.path === path)
  if (!found?.approved) return found === undefined
  return (await platform.ports.gitHost.files.tree(deliveryRepo, found.approved, path)) !== undefined
}

async function approvalSentence(platform: Platform, row: DriftRow, act: Settlement['act']): Promise<string> {
  const owner = await ownerOf(platform, row)
  if (act === 'revert' || !row.environment || !owner) return 'needs no approval: it restores what was approved'
  const { approval } = environmentOf(await platform.settings(), row.environment).spec
  return approval === 'none' ? 'needs no approval' : `needs an ${mayApprovePromotion(owner)}`
}
