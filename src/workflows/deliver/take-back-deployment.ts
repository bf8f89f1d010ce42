import { codeOf } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { replaceFolder, treeOf } from '#lib/git/trees.ts'
import type { Deployment } from '#model/deployment.ts'
import { deliveryRepo } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import type { StepContext, StepUndo, Undone, UndoLook } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { environmentOf } from '../settings.ts'
import { platformAuthor } from './author.ts'
import { changeVerdict } from './check-policy.ts'
import { deploymentsIn } from './history.ts'
import { fetchDelivery } from './open-change.ts'
import { runBranch } from './place.ts'

/**
 * Takes a merged deployment back by a commit of its own that restores what the environment had before, or ends the
 * service where there was nothing. What a rollback would not be allowed to bring back is not brought back here either.
 */
export const deploymentUndo: StepUndo = {
  async look(context) {
    const plan = await planOf(context)
    return 'undone' in plan ? plan : { undone: true, reason: sentence(plan, 'is') }
  },
  async act(context) {
    for (let attempt = 1; ; attempt++) {
      const plan = await planOf(context)
      if ('undone' in plan) return plan
      try {
        return await commitOnce(context, plan)
      } catch (error) {
        // Other services are delivered at the same time: what they merged is fetched and this is put on top.
        if (codeOf(error) !== 'CONFLICT' || attempt === 5) throw error
      }
    }
  },
}

interface Plan {
  readonly service: string
  readonly environment: string
  /** The delivery commit that is taken back. */
  readonly merged: string
  /** What comes back; undefined where nothing was. */
  readonly before: (Deployment & { readonly tree: string; readonly verdict: string }) | undefined
}

async function planOf({ platform, original, run }: UndoLook): Promise<Plan | Undone> {
  const { service = '', environment = '', team = '' } = original
  const change = await platform.ports.gitHost.changes.findByHead(deliveryRepo, runBranch(original.id))
  const merged = change?.mergeCommit
  if (!merged) return { undone: true, reason: 'nothing was merged' }
  const main = await fetchDelivery(platform)
  const path = deliveryPlace(service, environment)
  const [newest, earlier] = await platform.ports.gitHost.files.history(deliveryRepo, { ref: main, path, limit: 2 })
  if (newest?.commit !== merged) return overtaken(newest, { original, run, merged })
  const tree = earlier && (await treeOf({ dir: platform.objects }, earlier.commit, path))
  if (!tree) return { service, environment, merged, before: undefined }
  const before = (await deploymentsIn(platform, { service, environment }, 2)).find(
    (past) => past.commit === earlier.commit,
  )
  if (!before) return { undone: false, reason: `what ${environment} had before cannot be read` }
  const place = { service, environment, owner: team }
  const refusal = await refusalOf(platform, { place, before, tree })
  if ('undone' in refusal) return refusal
  return { service, environment, merged, before: { ...before, tree, verdict: refusal.verdict } }
}

/** Somebody deployed since, or an earlier attempt of this undo did all that was to do. */
function overtaken(
  newest: { commit: string; trailers: readonly (readonly [string, string])[] } | undefined,
  { original, run, merged }: { original: Run; run: string; merged: string },
): Undone {
  const { service, environment } = original
  const says = (key: string, value: string) => newest?.trailers.some(([name, said]) => name === key && said === value)
  if (newest && says('Run-Id', run) && says('Reverts', merged)) {
    const commit = newest.commit
    const isRestored = newest.trailers.some(([name]) => name === 'Release')
    const reason = `${service} in ${environment} was taken back by delivery commit ${commit.slice(0, 12)}`
    return { undone: true, reason, ...(isRestored && { restored: commit }) }
  }
  return { undone: false, reason: `${service} was deployed to ${environment} again since` }
}

/** Why what was there before may not come back without a person, else the verdict that lets it. */
async function refusalOf(
  platform: Platform,
  {
    place,
    before,
    tree,
  }: { place: { service: string; environment: string; owner: string }; before: Deployment; tree: string },
): Promise<Undone | { verdict: string }> {
  const { spec } = environmentOf(await platform.settings(), place.environment)
  const instead = `fairway rollback ${place.service} --env ${place.environment}`
  if (spec.approval !== 'none' && (spec.rollback === 'approval' || before.outcome !== 'healthy'))
    return { undone: false, reason: `${before.version} needs an approval to come back: ${instead}` }
  const verdict = await changeVerdict(platform, { place, tree })
  if (verdict.allowed) return { verdict: verdict.inputDigest }
  const [first] = verdict.findings.filter((finding) => finding.severity === 'deny')
  return { undone: false, reason: `the rules refuse ${before.version} by now: ${first?.message ?? 'no verdict'}` }
}

async function commitOnce({ platform, run, actor }: UndoLook & StepContext, plan: Plan): Promise<Undone> {
  const objects = { dir: platform.objects }
  const base = await fetchDelivery(platform)
  const path = deliveryPlace(plan.service, plan.environment)
  const tree = await replaceFolder(objects, { baseTree: await treeOf(objects, base), path, tree: plan.before?.tree })
  const trailers = [
    `Run-Id: ${run}`,
    ...(plan.before ? [`Release: ${plan.before.version}`, `Verdict: ${plan.before.verdict}`] : []),
    `Requested-by: ${actor}`,
    `Reverts: ${plan.merged}`,
  ]
  const title = plan.before
    ? `Take ${plan.service} in ${plan.environment} back to ${plan.before.version}`
    : `Remove ${plan.service} from ${plan.environment}`
  const commit = await commitTree(objects, {
    tree,
    parents: [base],
    message: `${title}\n\n${trailers.join('\n')}\n`,
    author: platformAuthor,
    at: new Date().toISOString(),
    signer: platform.signer,
  })
  await pushRefs(objects, await platform.ports.gitHost.remote(deliveryRepo), [
    { commit, to: 'refs/heads/main', expect: base },
  ])
  const isWatched = plan.before?.outcome === 'healthy'
  return {
    undone: true,
    reason: `${sentence(plan, 'was')} by delivery commit ${commit.slice(0, 12)}`,
    ...(isWatched && { restored: commit }),
  }
}

function sentence({ service, environment, before }: Plan, word: 'is' | 'was'): string {
  return before
    ? `${service} in ${environment} ${word} taken back to ${before.version}`
    : `${service} ${word} removed from ${environment}`
}
