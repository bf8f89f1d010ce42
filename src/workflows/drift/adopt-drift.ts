import { z } from 'zod'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { editTree, readTree, treeOf } from '#lib/git/trees.ts'
import { parseReleaseFile } from '#render/score/release-file.ts'
import { refusedObjects } from '#render/score/refused-objects.ts'
import { namespaceOf } from '#render/score/request.ts'
import type { ReleaseFile } from '#model/release.ts'
import { writeYaml } from '#render/yaml/write-yaml.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { mayApprovePromotion } from '../deliver/approvals.ts'
import { checkPolicyStep } from '../deliver/check-policy.ts'
import { authorsOf } from '../deliver/contributors.ts'
import { deliverChange, deliverSteps, HandOver } from '../deliver/deliver.ts'
import { openChangeStep } from '../deliver/open-change.ts'
import { DeliveryPlace } from '../deliver/place.ts'
import { keepTree } from '../deliver/run-trees.ts'
import { verifyTree } from '../deliver/verify-image.ts'
import { defineStep } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import type { Platform } from '../platform.ts'
import { environmentOf } from '../settings.ts'
import { driftAt } from './choose-approved.ts'
import type { PastPlatform } from './past-platform.ts'

export const takeOverStep = defineStep({
  name: 'take-over',
  title: 'Take over Git’s state',
  input: DeliveryPlace,
  output: z.object({
    tree: z.string(),
    version: z.string(),
    adopts: z.string(),
    contributors: z.array(z.string()),
    needsApproval: z.boolean(),
  }),
  describe: ({ service, environment }) => `Git’s state of ${service} in ${environment}, with this run in release.yaml`,
  effect: ({ version, adopts }) => `${version}, as left by ${adopts.slice(0, 12)}`,
  async run({ platform, run, actor }, place) {
    const found = await driftAt(platform, place)
    const { base, release } = await adoptable(platform, { place, found })
    const content = writeYaml({
      ...release,
      run,
      requestedBy: actor,
      bundleDigest: platform.ports.policy.bundle().digest,
    })
    const tree = await editTree(
      { dir: platform.objects },
      { baseTree: base, write: [{ path: 'release.yaml', content }] },
    )
    await keepTree(platform, { run, tree, name: 'manifests' })
    const { approval } = environmentOf(await platform.settings(), place.environment).spec
    const authors = found.commit ? authorsOf({ ...found.commit }, await platform.ports.identity.people()) : []
    return {
      tree,
      version: release.version,
      adopts: found.commit?.commit ?? found.main,
      contributors: [...new Set([actor, ...authors])],
      needsApproval: approval !== 'none',
    }
  },
})

/** Puts what came past the platform through its gates: the rules, the signature of the image, and an approval where one is needed. */
export const adoptDriftWorkflow = defineWorkflow({
  name: 'adopt-drift',
  input: DeliveryPlace,
  steps: [takeOverStep, checkPolicyStep, openChangeStep, ...deliverSteps],
  async run(flow, place) {
    const taken = await flow.step(takeOverStep, place)
    const { verdict } = await flow.step(checkPolicyStep, { ...place, tree: taken.tree })
    const opened = await flow.step(openChangeStep, {
      ...place,
      tree: taken.tree,
      title: `Adopt ${place.service} in ${place.environment} as it is in Git`,
      description: `Commit ${taken.adopts.slice(0, 12)} came past the platform.`,
      verdict,
    })
    const { version, contributors, needsApproval } = taken
    const handOver = { ...place, number: opened.number, version, contributors, needsApproval }
    const result = { version, change: opened.change, handOver }
    const { environment, owner } = place
    return needsApproval
      ? { state: 'waiting', waitingFor: mayApprovePromotion(owner), environment, result }
      : { state: 'delivering', environment, result }
  },
  deliver: async (flow) => deliverChange(flow, HandOver.parse((await flow.result())['handOver'])),
})

/** The folder as it is in Git, when it is one that the platform could have written; DRIFT_NOT_ADOPTABLE says why it is not. */
export async function adoptable(
  platform: Platform,
  { place, found }: { place: DeliveryPlace; found: PastPlatform },
): Promise<{ base: string; release: ReleaseFile }> {
  const repo = { dir: platform.objects }
  const path = deliveryPlace(place.service, place.environment)
  const base = await treeOf(repo, found.main, path)
  if (!base) throw notAdoptable(`the folder of ${place.service} was removed: there is nothing to take over`)
  const files = (await readTree(repo, found.main, path)).map((file) => ({
    ...file,
    path: file.path.slice(path.length + 1),
  }))
  const [refused] = refusedObjects(files, namespaceOf(place.owner, place.environment))
  if (refused) throw notAdoptable(`${refused.path}: ${refused.message}`)
  const text = files.find((file) => file.path === 'release.yaml')?.content
  if (text === undefined) throw notAdoptable('release.yaml is gone')
  try {
    const release = parseReleaseFile(text)
    if (release.service !== place.service || release.environment !== place.environment || release.owner !== place.owner)
      throw notAdoptable(`release.yaml is of ${release.service} in ${release.environment}`)
    await verifyTree(platform, { place, tree: base })
    return { base, release }
  } catch (error) {
    if (codeOf(error) === undefined || codeOf(error) === 'DRIFT_NOT_ADOPTABLE') throw error
    throw notAdoptable((error as Error).message)
  }
}

function notAdoptable(why: string): PlatformError {
  return new PlatformError('DRIFT_NOT_ADOPTABLE', why, {
    hint: 'revert it, or make the change in the service repository',
  })
}
