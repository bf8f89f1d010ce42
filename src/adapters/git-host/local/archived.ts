import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Name } from '#model/names.ts'
import type { ArchivedRepository } from '#ports/git-host.ts'
import type { Disk } from './disk.ts'

/** Repositories in the archive, oldest first; their ids are `<owner>/<folder>` below it. */
export async function archivedOn(disk: Disk): Promise<readonly ArchivedRepository[]> {
  const owners = (await names(join(disk.folder, '.archive'))).filter((owner) => Name.safeParse(owner).success)
  const found = await Promise.all(owners.map((owner) => archivedOf(disk, owner)))
  return found.flat().toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

async function archivedOf(disk: Disk, owner: string): Promise<ArchivedRepository[]> {
  const folder = join(disk.folder, '.archive', owner)
  const read = (await names(folder)).map(async (file) => {
    const name = /^(.+)\.\d+\.git$/.exec(file)?.[1]
    if (name === undefined || !Name.safeParse(name).success) return undefined
    // What is being deleted at this moment has no settings any more.
    const settings = await disk.settings({ dir: join(folder, file) }).catch(() => undefined)
    if (!settings?.archived) return undefined
    return { id: `${owner}/${file}`, repo: { owner, name }, marker: settings.marker, ...settings.archived }
  })
  return (await Promise.all(read)).filter((archived) => archived !== undefined)
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
