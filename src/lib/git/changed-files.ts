import { PlatformError } from '#errors/platform-error.ts'
import { isObjectId } from './check-names.ts'
import { type GitRepository, runGit } from './run-git.ts'

/** The files each commit changed against its first parent; all of its files for a root commit. */
export async function changedFiles(
  repo: GitRepository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wrong = commits.find((commit) => !isObjectId(commit))
  if (wrong !== undefined) throw new PlatformError('GIT_REF_INVALID', `${JSON.stringify(wrong)} is not an object id.`)
  if (commits.length === 0) return new Map()
  const args = ['diff-tree', '--stdin', '--root', '-r', '-z', '--name-only', '--diff-merges=first-parent']
  const { stdout } = await runGit(repo, args, { input: `${commits.join('\n')}\n` })
  const found = new Map<string, string[]>(commits.map((commit) => [commit, []]))
  let files: string[] = []
  for (const token of stdout.toString('utf8').split('\0')) {
    const known = found.get(token.trim()) // a heading is the commit's id; no path of ours looks like one that was asked for
    if (known) files = known
    else if (token !== '') files.push(token)
  }
  return found
}
