import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkRevision, isObjectId } from './check-names.ts'
import { resolve } from './commits.ts'
import type { GitRepository } from './run-git.ts'

/**
 * As `resolve`, for a bare repository of our own: a branch that lies as a file of its own is read without starting Git,
 * which pages ask for many times. Not for a work tree: its files are somebody else's words.
 */
export async function branchTip(repo: GitRepository, revision: string): Promise<string | undefined> {
  const ref = checkRevision(revision)
  if (!ref.startsWith('refs/heads/')) return resolve(repo, revision)
  const text = await readFile(join(repo.dir, ref), 'utf8').catch(() => '')
  const tip = text.trimEnd()
  return isObjectId(tip) ? tip : resolve(repo, revision)
}
