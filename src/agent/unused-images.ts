import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkloadPlace } from './place.ts'
import type { Runtime } from './runtime.ts'
import { removeImagesBut } from './unpack-image.ts'

/** Removes unpacked images, and folders with ConfigMap files, that no workload of this machine uses. At the agent's start only. */
export async function removeUnusedImages({ work }: Runtime, places: readonly WorkloadPlace[]): Promise<void> {
  const specs = places.flatMap(({ state, instances }) => [
    ...(state.live ? [state.live.spec] : []),
    ...instances.map(({ spec }) => spec),
  ])
  await removeImagesBut(await work.sharedFolder('images'), new Set(specs.map(({ image }) => image.digest)))
  const roots = await work.sharedFolder('roots')
  const kept = new Set(specs.map(({ environment, service, hash }) => `${environment}-${service}-${hash}`))
  for (const name of await readdir(roots))
    if (!kept.has(name)) await rm(join(roots, name), { recursive: true, force: true })
}
