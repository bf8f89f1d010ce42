import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { mergeBase } from '#lib/git/commits.ts'
import { fetchRefs } from '#lib/git/remote.ts'
import { treeOf } from '#lib/git/trees.ts'
import { changeId, type HostChange } from '#model/change-request.ts'
import { deliveryRepo, Name } from '#model/names.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { findRun } from '#store/run.ts'
import { defineStep, type StepContext } from '../engine/step.ts'
import { environmentOf } from '../settings.ts'
import { decidingApprovals, mayApprove } from './approvals.ts'
import { changeVerdict, refuseDenied } from './check-policy.ts'
import { deploymentsIn } from './history.ts'
import { fetchDelivery, pushFolder } from './open-change.ts'
import { DeliveryPlace, serviceRepo } from './place.ts'
import { deploymentUndo } from './take-back-deployment.ts'
import { verifyTree } from './verify-image.ts'
import { requireSecrets } from './require-secrets.ts'

const MergeInput = DeliveryPlace.extend({
  number: z.int(),
  contributors: z.array(z.string()),
  version: z.string(),
  reverts: z.string().optional(),
  /** False for a rollback that needs no second approval. */
  needsApproval: z.boolean(),
})

type MergeInput = z.output<typeof MergeInput>

/** Merges after asking the rules and the approvals once more, in the same step that merges: nothing decided earlier is trusted. */
export const mergeChangeStep = defineStep({
  name: 'merge-change',
  title: 'Merge',
  input: MergeInput,
  output: z.object({
    commit: z.string(),
    approvedBy: z.array(z.string()),
    service: Name.optional(),
    environment: Name.optional(),
  }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  describe: ({ environment }) => `Commit on main of the delivery repository for ${environment}`,
  effect: ({ commit }, { environment }) => `Delivery commit ${commit.slice(0, 12)} for ${environment}`,
  async run(context, input) {
    const { platform, run, actor } = context
    const { changes } = platform.ports.gitHost
    const change = await changes.find(deliveryRepo, input.number)
    if (!change)
      throw new PlatformError('CHANGE_UNKNOWN', `the delivery repository has no change request ${input.number}`)
    if (change.state === 'closed')
      throw new PlatformError('CHANGE_CLOSED', `change request ${changeId(change)} was closed without merging`)
    const place = { service: input.service, environment: input.environment }
    // An attempt whose reply was lost has merged: whatever changed since, it is done.
    if (change.state === 'merged' && change.mergeCommit)
      return { ...place, commit: change.mergeCommit, approvedBy: approvedByOf(change) }
    await refuseOvertaken(context, input)
    const approvedBy = await approvers(context, { change, input })
    const verdict = await verdictOf(context, { change, input })
    const trailers = [
      ['Change-Id', changeId(change)],
      ['Run-Id', run],
      ['Release', input.version],
      ['Requested-by', actor],
      ...approvedBy.map((name) => ['Approved-by', name]),
      ['Verdict', verdict.inputDigest],
      ...(input.reverts ? [['Reverts', input.reverts]] : []),
    ]
    const message = `${change.title}\n\n${trailers.map(([key, value]) => `${key}: ${value}`).join('\n')}\n`
    const merged = await changes.merge({
      repo: deliveryRepo,
      number: input.number,
      expectedHead: await putOnTop(context, { change, input }),
      message,
      mergedBy: 'fairway',
      authoredBy: actor,
    })
    await platform.events.publish('change', changeId(change))
    if (!merged.mergeCommit) throw new PlatformError('GIT_FAILED', `merging ${changeId(change)} gave no commit`)
    return { ...place, commit: merged.mergeCommit, approvedBy }
  },
  undo: deploymentUndo,
})

/**
 * The head to merge. Where main meanwhile got another deployment of the same place, the same folder is put on top of it
 * as a new commit: a three-way merge of two releases would conflict. The folder's tree id, which was judged and
 * approved, stays.
 */
async function putOnTop(context: StepContext, { change, input }: Merging): Promise<string> {
  const { platform } = context
  const objects = { dir: platform.objects }
  const path = deliveryPlace(input.service, input.environment)
  const main = await fetchDelivery(platform)
  const base = await mergeBase(objects, main, change.headCommit)
  const [now, then, tree] = await Promise.all(
    [main, base, change.headCommit].map(async (commit) => commit && treeOf(objects, commit, path)),
  )
  if (now === then || !tree) return change.headCommit
  const { title, description, headCommit: replaces } = change
  const head = await pushFolder(context, { ...input, tree, title, description, base: main, replaces })
  const passed = change.checks.find((check) => check.name === 'policy')
  if (passed) await platform.ports.gitHost.changes.check(deliveryRepo, head, passed)
  return head
}

/** SUPERSEDED when a pushed commit is contained in what the place runs by now; a promotion or rollback says what it wants. */
async function refuseOvertaken(
  { platform, run }: StepContext,
  { service, owner, environment }: MergeInput,
): Promise<void> {
  const found = await findRun(platform.db, run)
  const own = found?.workflow === 'release' ? found.result?.['commit'] : undefined
  const [current] = await deploymentsIn(platform, { service, environment }, 1)
  if (typeof own !== 'string' || !current || current.sourceCommit === own) return
  const query = { ref: own, since: current.sourceCommit, limit: 1 }
  const ahead = await platform.ports.gitHost.files.history(serviceRepo({ service, owner }), query)
  if (ahead.length === 0)
    throw new PlatformError('SUPERSEDED', `${environment} already has the newer ${current.version}`, {
      hint: 'nothing to do: the newer commit contains this one',
    })
}

interface Merging {
  readonly change: HostChange
  readonly input: MergeInput
}

function approvedByOf(change: HostChange): string[] {
  return change.approvals.filter(({ decision }) => decision === 'approve').map(({ by }) => by)
}

async function approvers({ platform }: StepContext, { change, input }: Merging): Promise<string[]> {
  const environment = environmentOf(await platform.settings(), input.environment)
  const folder = deliveryPlace(input.service, input.environment)
  const question = { change, folder, owner: input.owner, contributors: input.contributors, paths: [] }
  const decided = await decidingApprovals(platform, question)
  if (decided.rejectedBy.length > 0)
    throw new PlatformError(
      'APPROVAL_MISSING',
      `${changeId(change)} was rejected by ${decided.rejectedBy.join(', ')}`,
      {
        hint: 'settle it with them; then retry this run, or close the change request',
      },
    )
  if (input.needsApproval && environment.spec.approval !== 'none' && decided.approvedBy.length === 0) {
    throw new PlatformError('APPROVAL_MISSING', `${changeId(change)} has no valid approval`, {
      hint: mayApprove(question),
    })
  }
  return decided.approvedBy
}

async function verdictOf({ platform, run, signal }: StepContext, { change, input }: Merging) {
  const objects = { dir: platform.objects }
  const ref = `refs/fairway/heads/${change.number}`
  await fetchRefs(objects, await platform.ports.gitHost.remote(deliveryRepo), [
    { from: `refs/heads/${change.head}`, to: ref },
  ])
  const tree = await treeOf(objects, change.headCommit, deliveryPlace(input.service, input.environment))
  if (!tree) throw new PlatformError('CONFLICT', `${changeId(change)} no longer holds the folder of ${input.service}`)
  await verifyTree(platform, { place: input, tree })
  const verdict = await changeVerdict(platform, { place: input, tree, signal })
  refuseDenied(verdict)
  await requireSecrets(platform, { place: input, tree, run, signal })
  return verdict
}
