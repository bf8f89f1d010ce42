import { randomUUID } from 'node:crypto'
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FieldDifference } from '#model/drift.ts'
import type { WorkloadSpec } from './desired/workload-spec.ts'
import type { Instance } from './instance/instance.ts'
import { prepareWorkload } from './instance/launch.ts'
import type { Runtime } from './runtime.ts'
import { folderName } from './unpack-image.ts'

/** Folders of this machine that a version runs from: its image, and with files of ConfigMaps a copy of its own. */
export async function foldersOf({ work }: Runtime, spec: WorkloadSpec): Promise<readonly string[]> {
  const image = join(await work.sharedFolder('images'), folderName(spec.image.digest))
  if (spec.files.length === 0) return [image]
  const { environment, service, hash } = spec
  return [image, join(await work.sharedFolder('roots'), `${environment}-${service}-${hash}`)]
}

/** What became different in the folders of a version since they were made. */
export async function brokenFilesOf(runtime: Runtime, spec: WorkloadSpec): Promise<readonly FieldDifference[]> {
  const broken = await Promise.all((await foldersOf(runtime, spec)).map((folder) => runtime.seals.broken(folder)))
  return broken.flat()
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

/** Makes the folders of a version anew from the artefact store where they are not as they were made. What runs from the old ones keeps them. */
export async function restoreFolders(runtime: Runtime, spec: WorkloadSpec): Promise<void> {
  const old: string[] = []
  for (const folder of await foldersOf(runtime, spec)) {
    const isBroken = (await runtime.seals.broken(folder)).length > 0
    if (!isBroken || !(await stat(folder).catch(() => undefined))) continue
    const aside = `${folder}.${randomUUID()}.old`
    await rename(folder, aside)
    await runtime.seals.forget(folder)
    old.push(aside)
  }
  await prepareWorkload(runtime, spec)
  for (const folder of old) await rm(folder, { recursive: true, force: true })
}
