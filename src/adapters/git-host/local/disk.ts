import { randomUUID } from 'node:crypto'
import { readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import type { GitRepository } from '#lib/git/run-git.ts'
import { Name, type RepoRef, repoName } from '#model/names.ts'
import { RepositoryFile } from './settings.ts'

/** Where repositories lie. Every path is built from checked names and compared with the real path before use. */
export interface Disk {
  readonly folder: string
  pathOf(repo: RepoRef): string
  /** Undefined when there is none. */
  open(repo: RepoRef): Promise<GitRepository | undefined>
  /** As `open`, but absent is REPOSITORY_UNKNOWN. */
  need(repo: RepoRef): Promise<GitRepository>
  settings(repo: GitRepository): Promise<RepositoryFile>
  saveSettings(repo: GitRepository, settings: RepositoryFile): Promise<void>
  list(): Promise<RepoRef[]>
}

export function localDisk(folder: string): Disk {
  const pathOf = (repo: RepoRef) => join(folder, checkName(repo.owner), `${checkName(repo.name)}.git`)
  const open = async (repo: RepoRef) => {
    const root = await realOrUndefined(folder)
    const dir = await realOrUndefined(pathOf(repo))
    return root !== undefined && dir?.startsWith(root + sep) ? { dir } : undefined
  }
  return {
    folder,
    pathOf,
    open,
    async need(repo) {
      const found = await open(repo)
      if (!found) throw new PlatformError('REPOSITORY_UNKNOWN', `There is no repository ${repoName(repo)}.`)
      return found
    },
    settings: ({ dir }) => settingsOf(dir),
    async saveSettings({ dir }, settings) {
      const draft = join(dir, `${settingsName}.${randomUUID()}`)
      await writeFile(draft, `${JSON.stringify(settings, null, 2)}\n`, { flush: true })
      await rename(draft, join(dir, settingsName))
    },
    async list() {
      const owners = (await names(folder)).filter((name) => Name.safeParse(name).success)
      const found = await Promise.all(owners.sort().map((owner) => repositoriesOf(folder, owner)))
      return found.flat()
    },
  }
}

/** Those of a bare repository that an operator put there are what a new one of its team has. */
async function settingsOf(dir: string): Promise<RepositoryFile> {
  const text = await readFile(join(dir, settingsName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text !== undefined) return RepositoryFile.parse(JSON.parse(text))
  const teams = [basename(dirname(dir))]
  const createdAt = (await stat(dir)).birthtime.toISOString()
  return { description: '', createdAt, teams, rule: { pushBy: 'team', teams } }
}

/** Names are compared without case: `Shop` is `shop`. */
export function sameRepo(repo: RepoRef): RepoRef {
  return { owner: repo.owner.toLowerCase(), name: repo.name.toLowerCase() }
}

const settingsName = 'fairway.json'

function checkName(name: string): string {
  const parsed = Name.safeParse(name.toLowerCase())
  if (!parsed.success)
    throw new PlatformError(
      'NAME_INVALID',
      `${JSON.stringify(name.slice(0, 60))} cannot name a repository or its owner.`,
    )
  return parsed.data
}

async function repositoriesOf(folder: string, owner: string): Promise<RepoRef[]> {
  const files = (await names(join(folder, owner))).filter((file) => file.endsWith('.git'))
  return files
    .map((file) => ({ owner, name: file.slice(0, -'.git'.length) }))
    .filter((repo) => Name.safeParse(repo.name).success)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

async function realOrUndefined(path: string): Promise<string | undefined> {
  return realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
}
