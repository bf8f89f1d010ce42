import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { findRelease } from '#store/release.ts'
import { contributionOf } from '../deliver/contributors.ts'
import { checkPolicyStep } from '../deliver/check-policy.ts'
import { closeProposal } from '../deliver/close-change.ts'
import { deliverChange, deliverSteps, HandOver } from '../deliver/deliver.ts'
import { deploymentsIn } from '../deliver/history.ts'
import { openChangeStep } from '../deliver/open-change.ts'
import { DeliveryPlace } from '../deliver/place.ts'
import { renderManifestsStep } from '../deliver/render-manifests.ts'
import { supersedeStep } from '../deliver/supersede.ts'
import { mayApprovePromotion } from '../deliver/approvals.ts'
import { defineStep } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import type { Platform } from '../platform.ts'
import { environmentBefore, environmentOf } from '../settings.ts'

export const PromoteInput = DeliveryPlace.extend({ version: z.string().optional() })

/** Settles which release goes where, and who contributed to it. */
export const choosePromotionStep = defineStep({
  name: 'choose-release',
  title: 'Choose release',
  input: PromoteInput,
  output: z.object({
    version: z.string(),
    commit: z.string(),
    from: z.string(),
    contributors: z.array(z.string()),
    approval: z.enum(['none', 'non-contributor']),
  }),
  describe: ({ service, environment, version }) =>
    `Release ${version ?? 'of the environment before'} of ${service} chosen for ${environment}`,
  effect: ({ version, from }) => `${version} from ${from}; contributors are settled`,
  async run({ platform, actor }, { version, ...place }) {
    const { now, ...chosen } = await choosePromotion(platform, { ...place, version })
    const between = { place, from: now?.sourceCommit, to: chosen.commit, requestedBy: actor }
    const { contributors } = await contributionOf(platform, between)
    return { ...chosen, contributors: [...contributors] }
  },
})

/** Moves a release to the next environment: rendered anew, judged, proposed; merged at once or behind an approval. */
export const promoteWorkflow = defineWorkflow({
  name: 'promote',
  input: PromoteInput,
  steps: [choosePromotionStep, renderManifestsStep, checkPolicyStep, supersedeStep, openChangeStep, ...deliverSteps],
  async run(flow, { version: wanted, ...place }) {
    const chosen = await flow.step(choosePromotionStep, { ...place, ...(wanted && { version: wanted }) })
    const rendered = await flow.step(renderManifestsStep, {
      ...place,
      commit: chosen.commit,
      promotedFrom: chosen.from,
    })
    const { verdict } = await flow.step(checkPolicyStep, { ...place, tree: rendered.tree })
    await flow.step(supersedeStep, place)
    const title = `Promote ${place.service} ${chosen.version} to ${place.environment}`
    const opened = await flow.step(openChangeStep, {
      ...place,
      tree: rendered.tree,
      title,
      description: `From ${chosen.from}, asked for by ${flow.actor}.`,
      verdict,
    })
    const needsApproval = chosen.approval !== 'none'
    const handOver = {
      ...place,
      number: opened.number,
      version: chosen.version,
      contributors: chosen.contributors,
      needsApproval,
    }
    const result = { version: chosen.version, commit: chosen.commit, change: opened.change, handOver }
    return needsApproval
      ? { state: 'waiting', waitingFor: mayApprovePromotion(place.owner), environment: place.environment, result }
      : { state: 'delivering', environment: place.environment, result }
  },
  replaced: (platform, run) => closeProposal(platform, { run, reason: 'a newer run replaced it' }),
  deliver: async (flow) => deliverChange(flow, HandOver.parse((await flow.result())['handOver'])),
})

/** Which release a promotion takes, or why there is none. Used by the run, the dry run and the button alike. */
export async function choosePromotion(platform: Platform, { version, ...place }: z.output<typeof PromoteInput>) {
  const settings = await platform.settings()
  const environment = environmentOf(settings, place.environment)
  const before = environmentBefore(settings, place.environment)
  if (!before)
    throw new PlatformError('NOTHING_TO_PROMOTE', `${place.environment} is the first environment; a push deploys there`)
  const known = await deploymentsIn(platform, { service: place.service, environment: before.metadata.name })
  const [source] = known
  const release = version
    ? await findRelease(platform.db, place.service, { version })
    : source && (await findRelease(platform.db, place.service, { commit: source.sourceCommit }))
  if (!release) {
    if (version) throw new PlatformError('RELEASE_UNKNOWN', `${place.service} has no release ${version}`)
    throw new PlatformError('NOTHING_TO_PROMOTE', `${place.service} is not in ${before.metadata.name} yet`, {
      hint: `promote it there first: fairway promote ${place.service} --to ${before.metadata.name}`,
    })
  }
  if (!version && source?.outcome !== 'healthy')
    throw new PlatformError(
      'NOTHING_TO_PROMOTE',
      `the newest deployment in ${before.metadata.name} is ${source?.outcome ?? 'unknown'}, not healthy`,
      { hint: 'promote a named earlier release with --version' },
    )
  if (version && !known.some((past) => past.sourceCommit === release.commit && past.outcome === 'healthy'))
    throw new PlatformError('NOTHING_TO_PROMOTE', `${version} was never healthy in ${before.metadata.name}`, {
      hint: `it goes through ${before.metadata.name} first`,
    })
  const [now] = await deploymentsIn(platform, place, 1)
  if (now?.sourceCommit === release.commit && now.digest === release.digest && now.outcome === 'healthy') {
    throw new PlatformError('NOTHING_TO_PROMOTE', `${place.environment} already has ${release.version}`)
  }
  return {
    version: release.version,
    commit: release.commit,
    from: before.metadata.name,
    approval: environment.spec.approval,
    /** What the environment has now. */
    now,
  }
}
