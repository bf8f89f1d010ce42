import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { PlatformError } from '#errors/platform-error.ts'
import { freePort, isFree } from '#lib/free-port.ts'
import { isGroupAlive, startMark } from '#lib/process-group.ts'
import { type Cluster, openCluster } from './embedded/cluster.ts'
import { canReach, type DatabaseUser, databaseUser } from './embedded/database-user.ts'
import { postgresProgram } from './embedded/postgres-program.ts'
import { findPostmaster, type Postmaster, stopPostmaster } from './embedded/postmaster.ts'

export interface EmbeddedPostgresOptions {
  /** Everything lies in here. When we are root, the user `postgres` must be able to reach it. */
  readonly folder: string
  readonly log: (line: string) => void
  /** `false` only where losing the data on a power cut does not matter, as in tests. */
  readonly fsync?: boolean
  readonly maxConnections?: number
  /** The port to use if it is free, so that those who knew the server find it again. */
  readonly port?: number
}

export interface EmbeddedPostgres {
  /** Holds the password: never print it, never pass it in an argument list. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Whether the server ran already, left by an earlier process. */
  readonly adopted: boolean
  stop(): Promise<void>
}

/**
 * PostgreSQL 18 on loopback, for one machine. The server outlives this process; the next call on the same folder
 * adopts it. Two calls at once on one folder give the same server.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, fsync = true } = options
  const user = databaseUser()
  const folder = await openFolder(options.folder, user)
  const program = await postgresProgram(folder, user)
  const cluster = await openCluster({ folder, program, user, fsync })
  for (let attempt = 1; attempt <= 5; attempt++) {
    const found = findPostmaster(cluster.data)
    if (found === 'stale') {
      log('removing the pid file of a PostgreSQL that is gone')
      await rm(join(cluster.data, 'postmaster.pid'), { force: true })
    } else if (found && (await answers(found, cluster))) {
      log(`adopting the PostgreSQL that runs already (pid ${found.ref.pid}, port ${found.port})`)
      return handle(found, cluster, true)
    }
    const port = options.port && (await isFree(options.port)) ? options.port : await freePort()
    const started = await launch({ ...options, fsync, folder, port }, { program, cluster, user })
    if (started && (await answers(started, cluster))) return handle(started, cluster, false)
  }
  throw new PlatformError('DATABASE_UNAVAILABLE', `PostgreSQL does not start: ${await lastWords(folder)}`, {
    hint: `its log is ${join(folder, 'postgres.log')}`,
  })
}

/** The server that runs on the folder, for whoever only wants to stop it or ask it. `undefined` when none does. */
export async function findEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres | undefined> {
  const home = join(await realpath(folder).catch(() => folder), 'cluster')
  const found = findPostmaster(join(home, 'data'))
  if (!found || found === 'stale') return undefined
  const password = (await readFile(join(home, 'password'), 'utf8')).trim()
  return handle(found, { data: join(home, 'data'), password }, true)
}

async function openFolder(path: string, user: DatabaseUser | undefined): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const folder = await realpath(path)
  if (!user) return folder
  await chown(folder, user.uid, user.gid)
  await chmod(folder, 0o710) // `initdb` may run as another user of the same group
  if (canReach(folder, user)) return folder
  const hint = 'set FAIRWAY_DATA to a folder outside private ones, for example /var/lib/fairway'
  throw new PlatformError('DATABASE_UNAVAILABLE', `the database's own user cannot enter ${folder}`, { hint })
}

async function launch(
  { folder, port, fsync, maxConnections = 100 }: EmbeddedPostgresOptions & { fsync: boolean; port: number },
  { program, cluster, user }: { program: string; cluster: Cluster; user: DatabaseUser | undefined },
): Promise<Postmaster | undefined> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: maxConnections,
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  const argv = ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const log = await openLog(folder)
  const ids = user ? { uid: user.uid, gid: user.gid } : {}
  const child = spawn(join(program, 'bin/postgres'), argv, {
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', log.fd, log.fd],
    detached: true, // Ctrl-C in the terminal must reach us alone: we stop the parts in order
    ...ids,
  })
  const started = child.pid === undefined ? undefined : startMark(child.pid)
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new PlatformError('DATABASE_UNAVAILABLE', 'PostgreSQL could not be executed', { cause })
  } finally {
    await log.close()
  }
  letGo(child)
  return started === undefined ? undefined : { ref: { pid: child.pid ?? -1, started }, port }
}

function letGo(child: ChildProcess): void {
  child.on('error', () => {})
  child.unref()
}

// A server that is recovering or shutting down refuses for a while: it is given a minute to decide.
async function answers({ ref, port }: Postmaster, cluster: Cluster): Promise<boolean> {
  const end = performance.now() + 60_000
  for (let wait = 10; performance.now() < end; wait = Math.min(wait * 2, 200)) {
    if (!isGroupAlive(ref)) return false
    try {
      await prepare(urlOf(port, cluster, 'postgres'), cluster.data)
      return true
    } catch (cause) {
      const code = (cause as { code?: string }).code
      if (code === '28P01' || code === 'WRONG_SERVER')
        throw new PlatformError('DATABASE_UNAVAILABLE', `the PostgreSQL on port ${port} refuses our password`, {
          hint: `stop process ${ref.pid}, which runs on ${cluster.data}, and start again`,
          cause,
        })
    }
    await pause(wait)
  }
  return false
}

async function prepare(url: string, data: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    const where = await client.query<{ data_directory: string }>('show data_directory')
    if (where.rows[0]?.data_directory !== data)
      throw Object.assign(new Error('another server'), { code: 'WRONG_SERVER' })
    const found = await client.query("select 1 from pg_database where datname = 'fairway'")
    if (found.rowCount === 0) await client.query('create database fairway').catch(ignoreDuplicate)
  } finally {
    await client.end()
  }
}

function ignoreDuplicate(error: { code?: string }): void {
  if (error.code !== '42P04' && error.code !== '23505') throw error
}

function handle(server: Postmaster, cluster: Cluster, adopted: boolean): EmbeddedPostgres {
  const { port, ref } = server
  return { url: urlOf(port, cluster, 'fairway'), port, pid: ref.pid, adopted, stop: () => stopPostmaster(server) }
}

function urlOf(port: number, { password }: Cluster, database: string): string {
  return `postgres://fairway:${password}@127.0.0.1:${port}/${database}`
}

async function openLog(folder: string) {
  const path = join(folder, 'postgres.log')
  const size = (await stat(path).catch(() => undefined))?.size ?? 0
  if (size > 10_000_000) await rename(path, `${path}.1`)
  return open(path, 'a', 0o600)
}

async function lastWords(folder: string): Promise<string> {
  const log = await readFile(join(folder, 'postgres.log'), 'utf8').catch(() => '')
  return log.trim().split('\n').slice(-3).join(' | ') || 'it left no log'
}
