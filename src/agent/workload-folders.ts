import { randomUUID } from 'node:crypto'
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import type { FieldDifference } from '#model/drift.ts'
import type { WorkloadSpec } from './desired/workload-spec.ts'
import type { Runtime } from './runtime.ts'
import { folderName } from './unpack-image.ts'

type Sealed = Pick<Runtime, 'work' | 'seals'>

/** What became different in the folders of a version since they were made. */
export async function brokenFilesOf(runtime: Sealed, spec: WorkloadSpec): Promise<readonly FieldDifference[]> {
  const broken = await Promise.all((await foldersOf(runtime, spec)).map((folder) => runtime.seals.broken(folder)))
  return broken.flat()
}

/**
 * Moves folders of a version out of the way that are not as they were made, so that the next start unpacks them anew.
 * What runs from them keeps them. Gives where they are now.
 */
export async function setAsideBroken(runtime: Sealed, spec: WorkloadSpec): Promise<readonly string[]> {
  const old: string[] = []
  for (const folder of await foldersOf(runtime, spec)) {
    const isThere = await stat(folder).catch(() => undefined)
    if (isThere && (await runtime.seals.broken(folder)).length === 0) continue
    const aside = `${folder}.${randomUUID()}.old`
    await runtime.seals.forget(folder)
    const moved = await rename(folder, aside).catch((error: NodeJS.ErrnoException) => error.code)
    if (moved === undefined) old.push(aside)
    else if (moved !== 'ENOENT') throw new PlatformError('WORKLOAD_NOT_RUNNABLE_HERE', `${folder} cannot be replaced`)
  }
  return old
}

/** Folders of this machine that a version runs from: its image, and with files of ConfigMaps a copy of its own. */
async function foldersOf({ work }: Sealed, spec: WorkloadSpec): Promise<readonly string[]> {
  const image = join(await work.sharedFolder('images'), folderName(spec.image.digest))
  if (spec.files.length === 0) return [image]
  const { environment, service, hash } = spec
  return [image, join(await work.sharedFolder('roots'), `${environment}-${service}-${hash}`)]
}
