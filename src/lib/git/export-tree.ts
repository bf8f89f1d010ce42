import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve as absolute } from 'node:path'
import { checkRevision } from './check-names.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { type GitRepository, gitLines, runGit } from './run-git.ts'

/** A tree may name itself ten times at each of ten levels: what it would take on disk is counted before anything is written. */
export const exportLimits = { files: 50_000, bytes: 500_000_000, ms: 120_000 } as const

/**
 * Writes the files of a commit into `folder`, without any Git data: a clean place to build in. No filter or hook runs.
 * A tree of more files or bytes than `exportLimits` is GIT_FAILED and nothing is written.
 */
export async function exportTree(repo: GitRepository, treeish: string, folder: string): Promise<void> {
  await refuseLargeTree(repo, treeish)
  await mkdir(folder, { recursive: true })
  const env = {
    GIT_WORK_TREE: absolute(folder),
    GIT_INDEX_FILE: join(tmpdir(), `fairway-index-${randomUUID()}`),
  }
  try {
    await runGit(repo, ['read-tree', '--end-of-options', checkRevision(treeish)], { env })
    const prefix = `--prefix=${absolute(folder)}/`
    await runGit(repo, ['checkout-index', '--all', '--force', '--quiet', prefix], { env, timeoutMs: exportLimits.ms })
  } finally {
    await rm(env.GIT_INDEX_FILE, { force: true })
  }
}

async function refuseLargeTree(repo: GitRepository, treeish: string): Promise<void> {
  let files = 0
  let bytes = 0
  const args = [
    'ls-tree',
    '-r',
    '-z',
    '--format=%(objectsize)',
    '--full-tree',
    '--end-of-options',
    checkRevision(treeish),
  ]
  for await (const size of gitLines(repo, args, { timeoutMs: exportLimits.ms, separator: '\0' })) {
    files += 1
    bytes += Number(size) || 0 // a submodule has no size, and no files here
    if (files > exportLimits.files) throw tooLarge(`more than ${exportLimits.files} files`)
    if (bytes > exportLimits.bytes) throw tooLarge(`more than ${exportLimits.bytes / 1e6} MB of files`)
  }
}

function tooLarge(words: string): PlatformError {
  return new PlatformError('GIT_FAILED', `The commit has ${words}; it is not checked out.`, {
    hint: 'keep large and generated files out of the repository',
  })
}
