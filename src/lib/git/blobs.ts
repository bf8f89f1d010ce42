import { PlatformError } from '#errors/platform-error.ts'
import { type GitRepository, gitText, runGit } from './run-git.ts'

/** Contents of many objects in one process, in the order asked. */
export async function readBlobs(repo: GitRepository, ids: readonly string[]): Promise<Buffer[]> {
  if (ids.length === 0) return []
  const { stdout } = await runGit(repo, ['cat-file', '--batch'], { input: `${ids.join('\n')}\n` })
  const contents: Buffer[] = []
  let at = 0
  for (const id of ids) {
    const lineEnd = stdout.indexOf(10, at)
    const size = Number(stdout.toString('latin1', at, lineEnd).split(' ')[2])
    if (!Number.isInteger(size)) throw new PlatformError('GIT_FAILED', `Object ${id} is missing in the repository.`)
    contents.push(stdout.subarray(lineEnd + 1, lineEnd + 1 + size))
    at = lineEnd + 1 + size + 1
  }
  return contents
}

/** Contents of objects named by an expression we built ourselves (`<ref>:<path>`); absent ones are undefined. */
export async function readNamed(repo: GitRepository, names: readonly string[]): Promise<(string | undefined)[]> {
  if (names.length === 0) return []
  const { stdout } = await runGit(repo, ['cat-file', '--batch'], { input: `${names.join('\n')}\n` })
  let at = 0
  return names.map(() => {
    const lineEnd = stdout.indexOf(10, at)
    const header = stdout.toString('utf8', at, lineEnd)
    const found = /^[0-9a-f]{40} (\w+) (\d+)$/.exec(header)
    at = lineEnd + 1
    if (!found) return undefined
    const size = Number(found[2])
    const content = stdout.toString('utf8', at, at + size)
    at += size + 1
    return found[1] === 'blob' ? content : undefined
  })
}

/** Sizes of objects in one process; a missing one counts as endless, so that nobody reads it. */
export async function blobSizes(repo: GitRepository, ids: readonly string[]): Promise<number[]> {
  if (ids.length === 0) return []
  const text = await gitText(repo, ['cat-file', '--batch-check=%(objectsize)'], { input: `${ids.join('\n')}\n` })
  return text.split('\n').map((line) => (/^\d+$/.test(line) ? Number(line) : Number.POSITIVE_INFINITY))
}
