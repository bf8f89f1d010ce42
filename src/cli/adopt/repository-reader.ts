import { constants } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { isInside, type RepositoryReader } from '#render/adopt/repository-reader.ts'

/** A source file that is larger tells nothing about how a program starts. */
const mostBytes = 262_144

/** Reads files of a folder that somebody else wrote: no links, nothing outside, nothing large. */
export async function repositoryReader(folder: string): Promise<RepositoryReader> {
  const root = await realpath(folder)
  return {
    async text(path) {
      if (!isInside(path)) return undefined
      const real = await realpath(join(root, path)).catch(() => undefined)
      if (real !== join(root, path) || !real.startsWith(root + sep)) return undefined
      const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
        () => undefined,
      )
      try {
        const info = await file?.stat()
        return info?.isFile() && info.size <= mostBytes ? await file?.readFile('utf8') : undefined
      } finally {
        await file?.close()
      }
    },
    has: async (path) => (await lstat(join(root, path)).catch(() => undefined)) !== undefined,
  }
}
