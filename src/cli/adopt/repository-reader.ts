import { constants } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** A source file that is larger tells nothing about how a program starts. */
const mostBytes = 262_144

export interface RepositoryReader {
  /** The text of a regular file below the folder; undefined when it is absent, a link, too large or lies outside. */
  text(path: string): Promise<string | undefined>
  /** Whether anything has that name, a broken link included. */
  has(path: string): Promise<boolean>
}

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

/** The characters that a pipeline takes in a path, and no way out of the folder. */
export function isInside(path: string): boolean {
  return /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!.*\/\/)[A-Za-z0-9._@/-]{1,200}(?<!\/)$/.test(path)
}
