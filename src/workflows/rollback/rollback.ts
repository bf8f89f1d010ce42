import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { treeOf } from '#lib/git/trees.ts'
import type { Deployment } from '#model/deployment.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { mayApprovePromotion } from '../deliver/approvals.ts'
import { checkPolicyStep } from '../deliver/check-policy.ts'
import { closeProposal } from '../deliver/close-change.ts'
import { deliverChange, deliverSteps, HandOver } from '../deliver/deliver.ts'
import { deploymentsIn, treeAt } from '../deliver/history.ts'
import { fetchDelivery, openChangeStep } from '../deliver/open-change.ts'
import { DeliveryPlace } from '../deliver/place.ts'
import { keepTree } from '../deliver/run-trees.ts'
import { supersedeStep } from '../deliver/supersede.ts'
import { defineStep } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import type { Platform } from '../platform.ts'
import { environmentOf } from '../settings.ts'

export const RollbackInput = DeliveryPlace.extend({ to: z.string().optional(), reason: z.string().default('') })

/** Settles which earlier deployment comes back, with its very tree. */
export const chooseEarlierStep = defineStep({
  name: 'choose-earlier',
  title: 'Choose earlier deployment',
  input: RollbackInput,
  output: z.object({
    tree: z.string(),
    version: z.string(),
    commit: z.string(),
    to: z.string(),
    reverts: z.string(),
    needsApproval: z.boolean(),
  }),
  describe: ({ service, environment }) => `Earlier deployment of ${service} in ${environment} chosen`,
  effect: ({ version, to }) => `${version}, as deployed by ${to.slice(0, 12)}`,
  async run({ platform, run }, input) {
    const { target, current } = await chooseEarlier(platform, input)
    await fetchDelivery(platform)
    const tree = await treeOf({ dir: platform.objects }, target.commit, deliveryPlace(input.service, input.environment))
    if (!tree)
      throw new PlatformError(
        'NO_EARLIER_RELEASE',
        `commit ${target.commit.slice(0, 12)} no longer holds ${input.service}`,
      )
    await keepTree(platform, { run, tree, name: 'manifests' })
    const environment = environmentOf(await platform.settings(), input.environment)
    const needsApproval = environment.spec.rollback === 'approval' || target.outcome !== 'healthy'
    return {
      tree,
      version: target.version,
      commit: target.sourceCommit,
      to: target.commit,
      reverts: current.commit,
      needsApproval: needsApproval && environment.spec.approval !== 'none',
    }
  },
})

/** One commit that restores an environment's folder to an earlier deployment, through the same gates. */
export const rollbackWorkflow = defineWorkflow({
  name: 'rollback',
  input: RollbackInput,
  steps: [chooseEarlierStep, checkPolicyStep, supersedeStep, openChangeStep, ...deliverSteps],
  async run(flow, { to, reason, ...place }) {
    const chosen = await flow.step(chooseEarlierStep, { ...place, reason, ...(to && { to }) })
    const { verdict } = await flow.step(checkPolicyStep, { ...place, tree: chosen.tree })
    await flow.step(supersedeStep, place)
    const title = `Roll back ${place.service} in ${place.environment} to ${chosen.version}`
    const opened = await flow.step(openChangeStep, {
      ...place,
      tree: chosen.tree,
      title,
      description: reason === '' ? `Asked for by ${flow.actor}.` : oneLine(reason),
      verdict,
    })
    const handOver = {
      ...place,
      number: opened.number,
      version: chosen.version,
      contributors: [flow.actor],
      needsApproval: chosen.needsApproval,
      reverts: chosen.reverts,
    }
    const result = { version: chosen.version, commit: chosen.commit, change: opened.change, handOver }
    return chosen.needsApproval
      ? { state: 'waiting', waitingFor: mayApprovePromotion(place.owner), environment: place.environment, result }
      : { state: 'delivering', environment: place.environment, result }
  },
  replaced: (platform, run) => closeProposal(platform, { run, reason: 'a newer run replaced it' }),
  deliver: async (flow) => deliverChange(flow, HandOver.parse((await flow.result())['handOver'])),
})

/** What a rollback would bring back: the named deployment, else the last healthy one with other contents than now. */
export async function chooseEarlier(
  platform: Platform,
  { service, environment, to }: { service: string; environment: string; to?: string | undefined },
): Promise<{ target: Deployment; current: Deployment }> {
  const [current, ...earlier] = await deploymentsIn(platform, { service, environment })
  const none = (why: string) =>
    new PlatformError('NO_EARLIER_RELEASE', `${service} has ${why} in ${environment}`, {
      hint: `fairway history ${service} --env ${environment}`,
    })
  if (!current) throw none('no deployment')
  if (to) {
    const named = earlier.find((deployment) => deployment.commit === to)
    if (!named) throw none(`no earlier deployment ${to.slice(0, 12)}`)
    if (await isSame(platform, named, current)) throw none(`the contents of ${to.slice(0, 12)} already`)
    return { target: named, current }
  }
  const healthy = earlier.filter((deployment) => deployment.outcome === 'healthy')
  // Another version first; then the same one as it was rendered before, when only settings of the environment changed.
  const candidates = [
    ...healthy.filter((deployment) => deployment.version !== current.version),
    ...healthy.filter((deployment) => deployment.version === current.version),
  ]
  for (const target of candidates) if (!(await isSame(platform, target, current))) return { target, current }
  throw none('no earlier healthy deployment with other contents')
}

async function isSame(platform: Platform, one: Deployment, other: Deployment): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((deployment) => treeAt(platform, deployment)))
  return a === b
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
