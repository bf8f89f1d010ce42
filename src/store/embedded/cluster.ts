import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PlatformError } from '#errors/platform-error.ts'
import type { DatabaseUser } from './database-user.ts'

/** The files of one PostgreSQL: `data` is its own, `password` is what the superuser `fairway` signs in with. */
export interface Cluster {
  readonly data: string
  readonly password: string
}

export const major = 18

/** Opens the cluster of `folder`, made on first use. It appears whole or not at all, also when two start at once. */
export async function openCluster({ folder, program, user, fsync }: ClusterOptions): Promise<Cluster> {
  const home = join(folder, 'cluster')
  if (!(await exists(join(home, 'password')))) await create({ folder, program, user, fsync }, home)
  const version = (await readFile(join(home, 'data/PG_VERSION'), 'utf8')).trim()
  if (version !== String(major)) {
    const hint = `start the Fairway version that used PostgreSQL ${version}, or set FAIRWAY_DATA to a new folder`
    throw new PlatformError('DATABASE_UNAVAILABLE', `${home} was made by PostgreSQL ${version}, not ${major}`, { hint })
  }
  return { data: join(home, 'data'), password: (await readFile(join(home, 'password'), 'utf8')).trim() }
}

export interface ClusterOptions {
  readonly folder: string
  readonly program: string
  readonly user: DatabaseUser | undefined
  readonly fsync: boolean
}

async function create({ folder, program, user, fsync }: ClusterOptions, home: string): Promise<void> {
  await clearAbandoned(folder)
  const fresh = join(folder, `cluster.${process.pid}.${randomBytes(4).toString('hex')}`)
  const password = join(fresh, 'password')
  await mkdir(fresh, { mode: 0o700 })
  await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  if (user) await giveTree(fresh, user.initUid, user.gid)
  await initdb(program, { data: join(fresh, 'data'), password, user, fsync })
  if (user && user.uid !== user.initUid) await giveTree(fresh, user.uid, user.gid)
  await rename(fresh, home).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    return rm(fresh, { recursive: true, force: true }) // another start was faster
  })
}

async function initdb(
  program: string,
  { data, password, user, fsync }: { data: string; password: string; user: DatabaseUser | undefined; fsync: boolean },
): Promise<void> {
  const argv = [`--pgdata=${data}`, '--username=fairway', `--pwfile=${password}`, '--auth=scram-sha-256']
  // One collation everywhere, from the server itself: the machine's locales would sort differently per machine.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const ids = user ? { uid: user.initUid, gid: user.gid } : {}
  try {
    const options = { cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }, timeout: 120_000, ...ids }
    await promisify(execFile)(
      join(program, 'bin/initdb'),
      [...argv, ...locale, ...(fsync ? [] : ['--no-sync'])],
      options,
    )
  } catch (cause) {
    const words = String((cause as { stderr?: string }).stderr ?? '')
      .trim()
      .split('\n')
      .at(-1)
    throw new PlatformError('DATABASE_UNAVAILABLE', `initdb failed in ${data}: ${words}`, { cause })
  }
  await chmod(data, 0o700)
}

async function giveTree(path: string, uid: number, gid: number): Promise<void> {
  await chown(path, uid, gid)
  const isFolder = (await lstat(path)).isDirectory()
  for (const name of isFolder ? await readdir(path) : []) await giveTree(join(path, name), uid, gid)
}

// The name carries the pid of its maker; one whose maker is gone was cut short and is nobody's.
async function clearAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^cluster\.(\d+)\./.exec(name)?.[1])
    if (pid && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}
