import { buildImage } from '../../deploy/image/build.ts'
import { startPods } from '../../deploy/lab/pods.ts'
import { openWorld, worldMissing } from '../../deploy/lab/world.ts'
import { labFacts } from '../../testing/lab.ts'
import { withHooks } from '../../testing/last-first.ts'
import type { Figure } from '../../tools/bench.ts'

/** Resident memory of two control planes as pods, once both are ready and nothing was asked of them. */
export async function replicaMemory(): Promise<readonly Figure[]> {
  if (await worldMissing()) return []
  return withHooks(async (hooks) => {
    const image = await buildImage({ url: (await labFacts('registry')).facts['url'] ?? '' })
    const pods = await startPods(hooks, await openWorld(hooks), image)
    const figures: Figure[] = []
    for (const [at, pod] of (await pods.ready()).entries())
      figures.push({ name: `memory of replica ${at + 1} of 2, at rest`, value: await pods.memory(pod), unit: 'MiB' })
    return figures
  })
}
