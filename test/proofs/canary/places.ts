import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import pg from 'pg'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import type { Searcher } from './searcher.ts'

/** Where the keys live, by exact path below the data folder; everywhere else they are leaks. */
const homes = new Set([
  'login-key',
  'agent-git-key',
  'agent-secrets-key',
  'otlp-secret',
  'vault-key',
  'audit-key',
  'image-key',
  'agent-source.json',
  'agent.json',
  'agent/secrets/sealing-key.json',
  'postgres/cluster/password',
])

const largest = 20_000_000

/** Every table of every schema as text, what is in bytea decoded, and lines of logs put together as one text. */
export async function searchDatabase(data: string, { search }: Searcher): Promise<string[]> {
  const found = await findEmbeddedPostgres(join(data, 'postgres'))
  if (!found) throw new Error('there is no database')
  const client = new pg.Client({ connectionString: found.url })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ schema: string; name: string }>(
      `select schemaname as schema, tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    )
    const leaks: string[] = []
    for (const { schema, name } of tables) {
      const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`
      const { rows } = await client.query<Record<string, unknown>>({ text: ['select * from', table].join(' ') })
      const text = rows.map((row) => Object.values(row).map(textOf).join('\t')).join('\n')
      const split = rows.map(({ text: line }) => (typeof line === 'string' ? line : '')).join('')
      leaks.push(...search(Buffer.from(`${text}\n${split}`)).map((leak) => `table ${schema}.${name}: ${leak}`))
    }
    return leaks
  } finally {
    await client.end()
  }
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.toString('utf8')} ${value.toString('latin1')}`
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Every file of a folder but the homes of the keys, packed ones unpacked; tables of PostgreSQL are read through it. */
export async function searchFiles(folder: string, { search }: Searcher): Promise<{ leaks: string[]; files: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const leaks: string[] = []
  let files = 0
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const own = path.slice(folder.length + 1)
    if (homes.has(own) || /^postgres\/cluster\/data\/(base|global)\//.test(own) || own.endsWith('/node')) continue
    // Node itself, as program and as base of images: nobody's text, and most of the bytes.
    const size = (await stat(path).catch(() => undefined))?.size ?? 0
    if (size > largest) continue
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    files++
    leaks.push(...search(unpacked(bytes)).map((leak) => `file ${own}: ${leak}`))
  }
  return { leaks, files }
}

function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes)
  } catch {
    return bytes
  }
}

/** Every object of every repository, reachable or not. */
export async function searchGit(
  data: string,
  { search }: Searcher,
): Promise<{ leaks: string[]; repositories: number }> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const repositories = entries.filter((one) => one.isDirectory() && one.name.endsWith('.git'))
  const leaks: string[] = []
  for (const { parentPath, name } of repositories) {
    const dir = join(parentPath, name)
    const argv = ['--git-dir', dir, '-c', 'safe.directory=*', 'cat-file', '--batch-all-objects', '--batch']
    const { stdout } = await promisify(execFile)('git', argv, { encoding: 'buffer', maxBuffer: 1 << 28 })
    leaks.push(...search(stdout).map((leak) => `repository ${dir.slice(data.length + 1)}: ${leak}`))
  }
  return { leaks, repositories: repositories.length }
}

/** Looks at the arguments of every process of the machine again and again, and at environments, until it is stopped. */
export function watchProcesses(searching: Searcher, isItsOwn: (environ: string, leak: string) => boolean) {
  const leaks = new Set<string>()
  let looks = 0
  let isStopped = false
  const look = async () => {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const argv = await readFile(`/proc/${pid}/cmdline`).catch(() => Buffer.alloc(0))
      for (const leak of searching.search(argv)) leaks.add(`arguments of ${nameOf(argv)}: ${leak}`)
      const environ = await readFile(`/proc/${pid}/environ`).catch(() => Buffer.alloc(0))
      for (const leak of searching.search(environ))
        if (!isItsOwn(environ.toString('utf8'), leak)) leaks.add(`environment of ${nameOf(argv)}: ${leak}`)
    }
    looks++
  }
  const watching = (async () => {
    while (!isStopped) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  })()
  return async () => {
    isStopped = true
    await watching
    return { leaks: [...leaks], looks }
  }
}

function nameOf(argv: Buffer): string {
  return argv.toString('utf8').split('\0').slice(0, 2).join(' ').slice(0, 80)
}
