import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve as absolute } from 'node:path'
import { checkRevision } from './check-names.ts'
import { type GitRepository, runGit } from './run-git.ts'

/** Writes the files of a commit into `folder`, without any Git data: a clean place to build in. No filter or hook runs. */
export async function exportTree(repo: GitRepository, treeish: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const env = {
    GIT_WORK_TREE: absolute(folder),
    GIT_INDEX_FILE: join(tmpdir(), `fairway-index-${randomUUID()}`),
  }
  try {
    await runGit(repo, ['read-tree', '--end-of-options', checkRevision(treeish)], { env })
    const prefix = `--prefix=${absolute(folder)}/`
    await runGit(repo, ['checkout-index', '--all', '--force', '--quiet', prefix], { env, timeoutMs: 120_000 })
  } finally {
    await rm(env.GIT_INDEX_FILE, { force: true })
  }
}
