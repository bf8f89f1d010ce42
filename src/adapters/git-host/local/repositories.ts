import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { initBare } from '#lib/git/repository.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { Repositories, Repository } from '#ports/git-host.ts'
import { archivedOn } from './archived.ts'
import { type Disk, sameRepo } from './disk.ts'
import { defaultBranch, type RepositoryFile } from './settings.ts'

/** Repositories as folders. Each appears and disappears by one rename, so that nobody ever sees half of one. */
export function localRepositories(
  disk: Disk,
  { onArchive }: { onArchive(repo: RepoRef): Promise<void> },
): Repositories {
  const view = async (repo: RepoRef): Promise<Repository | undefined> => {
    const found = await disk.open(repo)
    return found && describe(sameRepo(repo), await disk.settings(found))
  }
  return {
    find: view,
    async list() {
      const all = await Promise.all((await disk.list()).map(view))
      return all.filter((repository) => repository !== undefined)
    },
    async create({ repo, description, marker, teams }) {
      const target = disk.pathOf(repo)
      const first = (await view(repo)) ?? undefined
      if (first) return adopt(first, marker)
      const draft = join(disk.folder, '.new', randomUUID())
      await mkdir(dirname(target), { recursive: true })
      await mkdir(dirname(draft), { recursive: true })
      const made = await initBare(draft, defaultBranch)
      const rule = { pushBy: 'platform' as const, teams: [...teams] } // closed until somebody says otherwise
      const createdAt = new Date().toISOString()
      const settings: RepositoryFile = { description, marker, createdAt, teams: [...teams], rule }
      await disk.saveSettings(made, settings)
      try {
        await rename(draft, target)
      } catch (error) {
        await rm(draft, { recursive: true, force: true })
        const other = await view(repo)
        if (!other) throw error
        return adopt(other, marker)
      }
      return describe(sameRepo(repo), settings)
    },
    async protect(repo, { pushBy, teams, refusal, closed }) {
      const found = await disk.need(repo)
      const more = { ...(refusal !== undefined && { refusal }), ...(closed && { closed: [...closed] }) }
      const rule = { pushBy, teams: [...teams], ...more }
      await disk.saveSettings(found, { ...(await disk.settings(found)), rule })
    },
    async archive(repo, reason) {
      const found = await disk.open(repo)
      if (!found) return
      const at = new Date().toISOString()
      await disk.saveSettings(found, { ...(await disk.settings(found)), archived: { at, reason } })
      const { owner, name } = sameRepo(repo)
      const folder = join(disk.folder, '.archive', owner)
      await mkdir(folder, { recursive: true })
      await rename(found.dir, join(folder, `${name}.${at.replace(/\D/g, '')}.git`))
      await onArchive({ owner, name })
    },
    archived: () => archivedOn(disk),
    async purge(id) {
      const known = (await archivedOn(disk)).some((archived) => archived.id === id)
      if (known) await rm(join(disk.folder, '.archive', id), { recursive: true, force: true })
    },
  }
}

function adopt(found: Repository, marker: string): Repository {
  if (found.marker === marker) return found
  throw new PlatformError('NAME_TAKEN', `A repository ${repoName(found.repo)} exists already.`, {
    hint: 'choose another name',
  })
}

function describe(repo: RepoRef, settings: RepositoryFile): Repository {
  return {
    repo,
    description: settings.description,
    defaultBranch,
    marker: settings.marker,
    archived: settings.archived !== undefined,
    createdAt: settings.createdAt,
  }
}
