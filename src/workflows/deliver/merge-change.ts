import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { fetchRefs } from '#lib/git/remote.ts'
import { treeOf } from '#lib/git/trees.ts'
import { changeId, type HostChange } from '#model/change-request.ts'
import { deliveryRepo } from '#model/names.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { defineStep, type StepContext } from '../engine/step.ts'
import { environmentOf } from '../settings.ts'
import { decidingApprovals, mayApprove } from './approvals.ts'
import { changeVerdict, refuseDenied } from './check-policy.ts'
import { DeliveryPlace } from './place.ts'

const MergeInput = DeliveryPlace.extend({
  number: z.int(),
  contributors: z.array(z.string()),
  version: z.string(),
  reverts: z.string().optional(),
  /** False for a rollback that needs no second approval. */
  needsApproval: z.boolean(),
})

/** Merges after asking the rules and the approvals once more, in the same step that merges: nothing decided earlier is trusted. */
export const mergeChangeStep = defineStep({
  name: 'merge-change',
  title: 'Merge',
  input: MergeInput,
  output: z.object({ commit: z.string(), approvedBy: z.array(z.string()) }),
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
    const approvedBy = await approvers(context, { change, input })
    if (change.state === 'merged' && change.mergeCommit) return { commit: change.mergeCommit, approvedBy }
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
      expectedHead: change.headCommit,
      message,
      mergedBy: 'fairway',
      authoredBy: actor,
    })
    await platform.events.publish('change', changeId(change))
    if (!merged.mergeCommit) throw new PlatformError('GIT_FAILED', `merging ${changeId(change)} gave no commit`)
    return { commit: merged.mergeCommit, approvedBy }
  },
})

interface Merging {
  readonly change: HostChange
  readonly input: z.output<typeof MergeInput>
}

async function approvers({ platform }: StepContext, { change, input }: Merging): Promise<string[]> {
  const environment = environmentOf(await platform.settings(), input.environment)
  const question = { change, owner: input.owner, contributors: input.contributors, paths: [] }
  const decided = await decidingApprovals(platform, question)
  if (input.needsApproval && environment.spec.approval !== 'none' && decided.approvedBy.length === 0) {
    throw new PlatformError('APPROVAL_MISSING', `${changeId(change)} has no valid approval`, {
      hint: mayApprove(question),
    })
  }
  return decided.approvedBy
}

async function verdictOf({ platform, signal }: StepContext, { change, input }: Merging) {
  const objects = { dir: platform.objects }
  const ref = `refs/fairway/heads/${change.number}`
  await fetchRefs(objects, await platform.ports.gitHost.remote(deliveryRepo), [
    { from: `refs/heads/${change.head}`, to: ref },
  ])
  const tree = await treeOf(objects, change.headCommit, deliveryPlace(input.service, input.environment))
  if (!tree) throw new PlatformError('CONFLICT', `${changeId(change)} no longer holds the folder of ${input.service}`)
  const verdict = await changeVerdict(platform, { place: input, tree, signal })
  refuseDenied(verdict)
  return verdict
}
