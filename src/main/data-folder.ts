import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { chmod, chown, mkdir, realpath, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { canReach, databaseUser } from '#store/embedded/database-user.ts'

/** Where the platform of this checkout keeps everything, and why it is not the usual `.fairway/`, if it is not. */
export interface DataFolderChoice {
  readonly path: string
  readonly because?: string
}

export interface DataFolderOptions {
  readonly checkout?: string
  readonly env?: NodeJS.ProcessEnv
}

const ownCheckout = resolve(import.meta.dirname, '../..')

/** FAIRWAY_DATA, else `.fairway/` in the checkout, else the system's state folder. Every command finds the same one. */
export function chooseDataFolder({
  checkout = ownCheckout,
  env = process.env,
}: DataFolderOptions = {}): DataFolderChoice {
  if (env.FAIRWAY_DATA) return { path: resolve(env.FAIRWAY_DATA) }
  const user = databaseUser()
  const name = `${basename(checkout)}-${createHash('sha256').update(checkout).digest('hex').slice(0, 8)}`
  if (user && !canReach(checkout, user)) {
    return { path: join('/var/lib/fairway', name), because: `the database's own user cannot enter ${checkout}` }
  }
  if (!user && !canWrite(checkout)) {
    const state = env.XDG_STATE_HOME || join(env.HOME ?? homedir(), '.local/state')
    return { path: join(state, 'fairway', name), because: `${checkout} cannot be written` }
  }
  return { path: join(checkout, '.fairway') }
}

/** Makes the folder, closed to other users: as root only the database's user may pass through it. */
export async function openDataFolder(path: string): Promise<string> {
  const user = databaseUser()
  try {
    // Parents may be passed by everybody, so that the database's user gets as far as the folder.
    await mkdir(dirname(path), { recursive: true, mode: user ? 0o755 : 0o700 })
    await mkdir(path, { mode: 0o700 }).catch(ignoreExisting)
    if (user) await chown(path, 0, user.gid)
    await chmod(path, user ? 0o710 : 0o700)
    await writeFile(join(path, '.gitignore'), '*\n')
    return await realpath(path)
  } catch (cause) {
    const hint = 'set FAIRWAY_DATA to a folder that you may write'
    throw new PlatformError('SETTINGS_INVALID', `the data folder ${path} cannot be used`, { hint, cause })
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
