import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import { listRefs } from '#lib/git/commits.ts'
import { packRepository } from '#lib/git/pack-repository.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { startMark } from '#lib/process-group.ts'
import { tarOf } from '#lib/oci/tar.ts'
import { seal } from '#lib/sealed-stream.ts'
import { dumpDatabase } from '#store/dump.ts'
import type { OpenDatabase } from '#store/database.ts'
import { auditBranch, auditRepo } from '#model/audit-chain.ts'
import { productVersion } from '../version.ts'
import { backupFormat, type Manifest } from './manifest.ts'

export interface BackupOptions {
  readonly dataFolder: string
  readonly database: OpenDatabase
  readonly secret: Buffer
  readonly out: string
}

export interface BackupReport {
  readonly file: string
  readonly bytes: number
  readonly seconds: number
  readonly rows: number
  readonly repositories: number
  readonly files: number
}

/** A file of the backup: its path there, and where it lies now. */
interface Kept {
  readonly path: string
  readonly from: string
}

/**
 * Writes a sealed backup while the platform works. The database is of one moment; Git and artefacts are of a later one, so
 * that every effect the database speaks of is there, and a run that was under way finds what it did. Only the signed heads
 * are of an earlier one: a head may never be ahead of its chain. The file appears whole or not at all.
 */
export async function writeBackup({ dataFolder, database, secret, out }: BackupOptions): Promise<BackupReport> {
  const began = performance.now()
  const file = resolve(out)
  await clearAbandoned(dataFolder)
  const spool = join(dataFolder, `${spoolName}${process.pid}`)
  await mkdir(spool, { mode: 0o700 })
  try {
    const heads = await signedHeads(dataFolder)
    await mkdir(join(spool, 'database'))
    const dump = await dumpDatabase(database.pool, join(spool, 'database'))
    const repositories = await repositoriesIn(dataFolder)
    const kept: Kept[] = dump.tables.map((table) => spooled(spool, `database/${table.file}`))
    for (const path of repositories) kept.push(...(await keepRepository({ dataFolder, spool, path, heads })))
    kept.push(...(await keepArtifacts(dataFolder, spool)), ...(await keepOwnFiles(dataFolder, spool)))
    const manifest: Manifest = {
      format: backupFormat,
      product: productVersion,
      createdAt: new Date().toISOString(),
      files: await Promise.all(kept.map(described)),
      dump: { ...dump, tables: [...dump.tables], migrations: [...dump.migrations], sequences: [...dump.sequences] },
      repositories: [...repositories],
    }
    await writeSealed({ file, secret, kept, manifest })
    const rows = dump.tables.reduce((sum, table) => sum + table.rows, 0)
    const { size: bytes } = await stat(file)
    const seconds = Math.round(performance.now() - began) / 1000
    return { file, bytes, seconds, rows, repositories: repositories.length, files: kept.length }
  } catch (error) {
    throw notWritten(error)
  } finally {
    await rm(spool, { recursive: true, force: true })
  }
}

const spoolName = 'backup-spool.'

/** What backups left that were killed. */
async function clearAbandoned(dataFolder: string): Promise<void> {
  for (const name of await readdir(dataFolder))
    if (name.startsWith(spoolName) && startMark(Number(name.slice(spoolName.length))) === undefined)
      await rm(join(dataFolder, name), { recursive: true, force: true })
}

/** What the file system refuses is for the operator: a folder that is not there, a full disk, rights. */
function notWritten(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (!/^(ENOENT|ENOTDIR|ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EISDIR)$/.test(code)) return error
  return new PlatformError('BACKUP_NOT_WRITTEN', `the backup could not be written: ${message}`, {
    hint:
      code === 'ENOSPC'
        ? 'free some space, or name another place with --out'
        : 'name a file in a folder that you may write',
    cause: error,
  })
}

async function writeSealed({
  file,
  secret,
  kept,
  manifest,
}: {
  file: string
  secret: Buffer
  kept: readonly Kept[]
  manifest: Manifest
}): Promise<void> {
  const own = { mode: 0o600, uid: 0, gid: 0 }
  const sizes = new Map(manifest.files.map(({ path, size }) => [path, size]))
  const entries = [
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)), ...own },
    ...kept.map(({ path, from }) => ({ path, content: { file: from, size: sizes.get(path) ?? 0 }, ...own })),
  ]
  const draft = `${file}.part`
  try {
    const target = createWriteStream(draft, { mode: 0o600, flush: true })
    await pipeline(
      tarOf(entries, 0),
      createZstdCompress(),
      (source) => seal(source as AsyncIterable<Uint8Array>, secret),
      target,
    )
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Where the signed heads stand before the database is read. */
async function signedHeads(dataFolder: string): Promise<ReadonlyMap<string, string>> {
  const repo = { dir: join(dataFolder, pathOf(auditRepo)) }
  const ref = `refs/heads/${auditBranch}`
  const commit = (await listRefs(repo, ref)).get(ref)
  return new Map(commit === undefined ? [] : [[ref, commit]])
}

function pathOf({ owner, name }: { owner: string; name: string }): string {
  return `git/${owner}/${name}.git`
}

/** Folders of all repositories, archived ones too, and of the platform's own. */
async function repositoriesIn(dataFolder: string): Promise<readonly string[]> {
  const below = async (folder: string): Promise<string[]> => {
    const owners = await readdir(join(dataFolder, folder), { withFileTypes: true }).catch(() => [])
    const found = owners
      .filter((owner) => owner.isDirectory() && !owner.name.startsWith('.'))
      .map(async ({ name }) => {
        const repos = await readdir(join(dataFolder, folder, name))
        return repos.filter((repo) => repo.endsWith('.git')).map((repo) => `${folder}/${name}/${repo}`)
      })
    return (await Promise.all(found)).flat()
  }
  return [...(await below('git')), ...(await below('git/.archive')), 'objects.git']
}

async function keepRepository({
  dataFolder,
  spool,
  path,
  heads,
}: {
  dataFolder: string
  spool: string
  path: string
  heads: ReadonlyMap<string, string>
}): Promise<Kept[]> {
  const folder = join(spool, path)
  const pinned = path === pathOf(auditRepo) ? { pinned: heads } : {}
  const { pack } = await packRepository({ dir: join(dataFolder, path) }, { folder, ...pinned })
  const settings = await copyFile(join(dataFolder, path, 'fairway.json'), join(folder, 'fairway.json')).then(
    () => [spooled(spool, `${path}/fairway.json`)],
    () => [], // the platform's own repository has none
  )
  return [spooled(spool, `${path}/refs`), ...(pack ? [spooled(spool, `${path}/pack`)] : []), ...settings]
}

/** Indexes first: every blob that they name is there when blobs are listed, and a blob never changes. */
async function keepArtifacts(dataFolder: string, spool: string): Promise<Kept[]> {
  const all = await filesBelow(dataFolder, 'artifacts')
  const indexes = await copied(
    { dataFolder, spool },
    all.filter((path) => /\/(index\.json|oci-layout)$/.test(path)),
  )
  const blobs = (await filesBelow(dataFolder, 'artifacts/blobs')).filter(isBlob)
  return [...indexes, ...blobs.map((path) => ({ path, from: join(dataFolder, path) }))]
}

function isBlob(path: string): boolean {
  return /^artifacts\/blobs\/sha256\/[0-9a-f]{64}$/.test(path)
}

/** Keys of the platform, which are files without an ending, and rules that were compiled here. */
async function keepOwnFiles(dataFolder: string, spool: string): Promise<Kept[]> {
  const entries = await readdir(dataFolder, { withFileTypes: true })
  const keys = entries.filter((entry) => entry.isFile() && /^[a-z][a-z0-9-]*$/.test(entry.name)).map(({ name }) => name)
  const rules = (await filesBelow(dataFolder, 'policy')).filter((path) => /\.(wasm|sha256)$/.test(path))
  return copied({ dataFolder, spool }, [...keys, ...rules])
}

async function copied(
  { dataFolder, spool }: { dataFolder: string; spool: string },
  paths: readonly string[],
): Promise<Kept[]> {
  return Promise.all(
    paths.map(async (path) => {
      await mkdir(join(spool, dirname(path)), { recursive: true })
      await copyFile(join(dataFolder, path), join(spool, path))
      return spooled(spool, path)
    }),
  )
}

function spooled(spool: string, path: string): Kept {
  return { path, from: join(spool, path) }
}

/** Files only: links, as those of image repositories to the shared blobs, are made anew. */
async function filesBelow(dataFolder: string, folder: string): Promise<string[]> {
  const root = join(dataFolder, folder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dataFolder, join(entry.parentPath, entry.name)))
}

async function described({ path, from }: Kept): Promise<Manifest['files'][number]> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  return { path, size, sha256: hash.digest('hex') }
}
