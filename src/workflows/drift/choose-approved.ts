import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { treeOf } from '#lib/git/trees.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { DeliveryPlace } from '../deliver/place.ts'
import { releaseAt } from '../deliver/history.ts'
import { keepTree } from '../deliver/run-trees.ts'
import { defineStep } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { type PastPlatform, pastThePlatform } from './past-platform.ts'

export const chooseApprovedStep = defineStep({
  name: 'choose-approved',
  title: 'Choose approved state',
  input: DeliveryPlace,
  output: z.object({ tree: z.string(), version: z.string(), approved: z.string(), reverts: z.string() }),
  describe: ({ service, environment }) => `The state of ${service} in ${environment} that was approved last`,
  effect: ({ version, approved }) => `${version}, as delivered by ${approved.slice(0, 12)}`,
  async run({ platform, run }, place) {
    const { approved, commit, main } = await driftAt(platform, place)
    const tree =
      approved && (await treeOf({ dir: platform.objects }, approved, deliveryPlace(place.service, place.environment)))
    if (!approved || !tree)
      throw new PlatformError('DRIFT_NONE', `the platform never put ${place.service} into ${place.environment}`)
    await keepTree(platform, { run, tree, name: 'manifests' })
    const release = await releaseAt(platform, { ...place, commit: approved })
    return { tree, version: release?.version ?? 'the approved state', approved, reverts: commit?.commit ?? main }
  },
})

/** What is past the platform at a place now; DRIFT_NONE when nothing is. */
export async function driftAt(
  platform: Platform,
  { service, environment }: { service: string; environment: string },
): Promise<PastPlatform> {
  const path = deliveryPlace(service, environment)
  const found = (await pastThePlatform(platform)).find((one) => one.path === path)
  if (found) return found
  throw new PlatformError('DRIFT_NONE', `${service} in ${environment} is in Git as it was approved`, {
    hint: 'fairway drift',
  })
}
