import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Database, openDatabase } from '#store/database.ts'
import { databaseUser } from '#store/embedded/database-user.ts'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { migrate } from '#store/migrate.ts'
import type { Hooks } from './last-first.ts'

export interface TestDatabase {
  readonly url: string
  readonly db: Database
  readonly pool: pg.Pool
}

/** A fresh, migrated database of its own for one test, dropped after it. A real PostgreSQL, shared by the run. */
export async function testDatabase(t: Hooks, { max = 10 } = {}): Promise<TestDatabase> {
  const server = await serverUrl()
  const template = await readyTemplate(server)
  const name = `test_${Date.now().toString(36)}_${randomBytes(6).toString('hex')}`
  await admin(server, `create database ${name} template ${template}`)
  const url = withDatabase(server, name)
  const opened = openDatabase(url, { max })
  t.after(async () => {
    if (!opened.pool.ended) await opened.close()
    await admin(server, `drop database if exists ${name} with (force)`)
  })
  return { url, db: opened.db, pool: opened.pool }
}

let starting: Promise<string> | undefined

// `npm test` starts one server for all files; a file run by hand shares one that stays for the next run.
function serverUrl(): Promise<string> {
  const given = process.env.FAIRWAY_TEST_DATABASE
  starting ??= given ? Promise.resolve(given) : startShared()
  return starting
}

async function startShared(): Promise<string> {
  const folder = join(tmpdir(), `fairway-test-postgres-${process.getuid?.() ?? 0}`)
  await mkdir(folder, { mode: 0o700 }).catch(() => undefined)
  const { uid } = await lstat(folder)
  if (![process.getuid?.(), databaseUser()?.uid].includes(uid)) throw new Error(`${folder} belongs to somebody else`)
  const server = await startEmbeddedPostgres({ folder, fsync: false, maxConnections: 300, log: () => {} })
  await dropLeftovers(server.url)
  return server.url
}

/** The name of a database with today's schema that is copied for each test, made by whoever comes first. */
async function readyTemplate(server: string): Promise<string> {
  const name = `template_${await schemaDigest()}`
  await locked(server, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount) return
    const draft = `draft_${randomBytes(6).toString('hex')}`
    await client.query(`create database ${draft}`)
    const opened = openDatabase(withDatabase(server, draft), { max: 1 })
    try {
      await migrate(opened.db)
    } finally {
      await opened.close()
    }
    await client.query(`alter database ${draft} rename to ${name}`)
  })
  return name
}

let digest: Promise<string> | undefined

function schemaDigest(): Promise<string> {
  digest ??= digestOf(new URL('../src/store/', import.meta.url).pathname)
  return digest
}

async function digestOf(store: string): Promise<string> {
  const names = (await readdir(`${store}migrations`)).filter((name) => name.endsWith('.ts')).sort()
  const hash = createHash('sha256')
  for (const name of ['migrate.ts', ...names.map((name) => `migrations/${name}`)])
    hash.update(await readFile(store + name))
  return hash.digest('hex').slice(0, 16)
}

async function locked(server: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await connect(server)
  try {
    await client.query('select pg_advisory_lock(727002)')
    await work(client)
  } finally {
    await client.end() // ends the session, and with it the lock
  }
}

// Databases of runs that were killed; an hour is longer than any run lasts.
async function dropLeftovers(server: string): Promise<void> {
  await locked(server, async (client) => {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database where datname ~ '^test_'")
    for (const { datname } of rows) {
      const made = Number.parseInt(datname.split('_')[1] ?? '', 36)
      if (Date.now() - made > 3_600_000) await client.query(`drop database if exists ${datname} with (force)`)
    }
  })
}

async function admin(server: string, statement: string): Promise<void> {
  const client = await connect(server)
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function connect(server: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server })
  client.on('error', () => {})
  await client.connect()
  return client
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
