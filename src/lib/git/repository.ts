import { mkdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { type GitRepository, runGit } from './run-git.ts'

/** Makes sure of a bare repository in `folder`. Two callers at once get the same one, and a half-made one never shows. */
export async function openWorkRepository(folder: string): Promise<GitRepository> {
  if (existsSync(join(folder, 'HEAD'))) return { dir: folder }
  await mkdir(dirname(folder), { recursive: true })
  const draft = `${folder}.${randomUUID()}.new`
  await initBare(draft)
  try {
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(join(folder, 'HEAD'))) throw error
  }
  return { dir: folder }
}

/** An empty bare repository without hooks or samples. */
export async function initBare(folder: string, defaultBranch = 'main'): Promise<GitRepository> {
  const repo = { dir: folder }
  await runGit(repo, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`])
  return repo
}
