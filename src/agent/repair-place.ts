import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { WorkloadSpec } from './desired/workload-spec.ts'
import type { Instance } from './instance/instance.ts'
import { prepareWorkload } from './instance/launch.ts'
import type { Runtime } from './runtime.ts'
import { setAsideBroken } from './workload-folders.ts'

/** Makes the folders of a version anew from the artefact store where they are not as they were made. */
export async function restoreFolders(runtime: Runtime, spec: WorkloadSpec): Promise<void> {
  const old = await setAsideBroken(runtime, spec)
  await prepareWorkload(runtime, spec)
  for (const folder of old) await rm(folder, { recursive: true, force: true })
}

/** Whether all of them are ready within their time. */
export async function areReady(
  fresh: readonly Instance[],
  { seconds, nextChange }: { seconds: number; nextChange: () => Promise<void> },
): Promise<boolean> {
  const isReady = () => fresh.every(({ state }) => state === 'ready')
  const end = performance.now() + seconds * 1_000
  while (performance.now() < end && !isReady()) await Promise.race([nextChange(), pause(1_000)])
  return isReady()
}
