import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { PlatformError } from '#errors/platform-error.ts'

/** Where a person keeps values of their own, beside the service's files. */
export const ownValuesFile = '.env.local'

/** The values of .env.local, none without it. DEV_FILE_EXPOSED when Git would commit it. */
export async function ownValues(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, ownValuesFile), 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  if (await isExposed(folder))
    throw new PlatformError(
      'DEV_FILE_EXPOSED',
      `Git does not ignore ${ownValuesFile}, so its values could be committed`,
      {
        hint: `echo ${ownValuesFile} >> .gitignore   (and, if it is committed already: git rm --cached ${ownValuesFile})`,
      },
    )
  const entries = Object.entries(parseEnv(text)).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}

/** Outside a repository nothing is committed. A file that Git knows already is never ignored; what Git cannot say counts as exposed. */
async function isExposed(folder: string): Promise<boolean> {
  if (!(await isInRepository(folder))) return false
  const git = (...argv: string[]) =>
    new Promise<number>((resolve) => {
      execFile('git', ['-C', folder, ...argv], { timeout: 10_000 }, (error) => {
        resolve(error ? (typeof error.code === 'number' ? error.code : -1) : 0)
      })
    })
  return (await git('check-ignore', '--quiet', '--', ownValuesFile)) !== 0
}

async function isInRepository(folder: string): Promise<boolean> {
  if (await stat(join(folder, '.git')).catch(() => undefined)) return true
  return dirname(folder) !== folder && isInRepository(dirname(folder))
}
