import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { PlatformError } from '#errors/platform-error.ts'
import { unpackRepository } from '#lib/git/pack-repository.ts'
import { readTar } from '#lib/oci/read-tar.ts'
import { startMark } from '#lib/process-group.ts'
import { SealError, unseal } from '#lib/sealed-stream.ts'
import { settleAfterRestore } from '#services/records/rebuild-index.ts'
import { openDatabase } from '#store/database.ts'
import { loadDatabase } from '#store/dump.ts'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { knownMigrations, migrate } from '#store/migrate.ts'
import { prepareEngine } from '#workflows/engine/prepare-engine.ts'
import { openDataFolder } from '../data-folder.ts'
import { readStartFile } from '../start-file.ts'
import { withStoppedPlatform } from '../stopped-platform.ts'
import { backupFormat, Manifest } from './manifest.ts'

export interface RestoreOptions {
  readonly file: string
  readonly dataFolder: string
  /** Any PostgreSQL, empty; without it the embedded one. */
  readonly databaseUrl?: string | undefined
  readonly secret: Buffer
  readonly actor: string
}

export interface RestoreReport {
  readonly dataFolder: string
  readonly createdAt: string
  readonly rows: number
  readonly repositories: number
  readonly seconds: number
  readonly problems: readonly string[]
}

/**
 * Restores a backup into an empty data folder. Everything is unpacked, checked against its digests and made ready in a
 * folder beside it, which takes the data folder's place last, in one move: until then nothing is restored.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const began = performance.now()
  const { dataFolder } = options
  await requireEmpty(dataFolder)
  await mkdir(dirname(dataFolder), { recursive: true })
  await clearAbandoned(dataFolder)
  const stage = await openDataFolder(`${dataFolder}.restore-${process.pid}`)
  try {
    const manifest = await unpack(options, stage)
    for (const path of manifest.repositories) await placeRepository(stage, path)
    await linkBlobs(join(stage, 'artifacts'))
    await fillDatabase(options, { stage, manifest })
    const { databaseUrl, actor } = options
    const detail = { createdAt: manifest.createdAt, product: manifest.product }
    const report = await withStoppedPlatform(
      { dataFolder: stage, databaseUrl, startFile: await readStartFile() },
      (platform) => settleAfterRestore(platform, { actor, detail }),
    )
    await rm(join(stage, 'unpacked'), { recursive: true, force: true })
    await rm(dataFolder, { recursive: true, force: true }) // it is empty, or holds what openDataFolder writes
    await rename(stage, dataFolder)
    const rows = manifest.dump.tables.reduce((sum, table) => sum + table.rows, 0)
    const seconds = Math.round(performance.now() - began) / 1000
    const { createdAt, repositories } = manifest
    return { dataFolder, createdAt, rows, repositories: repositories.length, seconds, problems: report.problems }
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

async function requireEmpty(dataFolder: string): Promise<void> {
  const names = existsSync(dataFolder) ? await readdir(dataFolder) : []
  if (names.every((name) => name === '.gitignore')) return
  throw new PlatformError('RESTORE_NOT_EMPTY', `${dataFolder} holds a platform already`, {
    hint: 'set FAIRWAY_DATA to a folder that is empty or does not exist, or move this one away',
  })
}

/** What restores left that were killed. */
async function clearAbandoned(dataFolder: string): Promise<void> {
  const own = `${basename(dataFolder)}.restore-`
  for (const name of await readdir(dirname(dataFolder)))
    if (name.startsWith(own) && startMark(Number(name.slice(own.length))) === undefined)
      await rm(join(dirname(dataFolder), name), { recursive: true, force: true })
}

/** Files go to their places; repositories and tables, which are not what they will be yet, below `unpacked/`. */
async function unpack({ file, secret }: RestoreOptions, stage: string): Promise<Manifest> {
  const digests = new Map<string, { size: number; sha256: string }>()
  try {
    const plain = createZstdDecompress()
    const reading = pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      (source) => unseal(source, secret),
      plain,
    )
    reading.catch(() => {}) // told by the reader below
    await readTar(plain, async ({ path, type }, content) => {
      if (type !== '0' || !isExpected(path)) throw damaged(`it holds ${JSON.stringify(path)}, which no backup has`)
      const target = placeOf(stage, path)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      const hash = createHash('sha256')
      let size = 0
      const counted = async function* () {
        for await (const chunk of content) {
          hash.update(chunk)
          size += chunk.length
          yield chunk
        }
      }
      await pipeline(counted, createWriteStream(target, { mode: 0o600, flags: 'wx' }))
      digests.set(path, { size, sha256: hash.digest('hex') })
    })
    await reading
  } catch (error) {
    throw refusalOf(error, file)
  }
  const manifest = await readManifest(stage)
  digests.delete('manifest.json')
  for (const { path, size, sha256 } of manifest.files) {
    const found = digests.get(path)
    if (found?.size !== size || found.sha256 !== sha256) throw damaged(`${path} is not what was backed up`)
    digests.delete(path)
  }
  const [stranger] = digests.keys()
  if (stranger !== undefined) throw damaged(`${stranger} is not in its list`)
  return manifest
}

async function readManifest(stage: string): Promise<Manifest> {
  const text = await readFile(join(stage, 'unpacked/manifest.json'), 'utf8').catch(() => '{}')
  const { format } = JSON.parse(text) as { format?: number }
  if (typeof format === 'number' && format > backupFormat) throw tooNew(`its format is ${format}`)
  const read = Manifest.safeParse(JSON.parse(text))
  if (!read.success) throw damaged('its list of contents cannot be read')
  const unknown = read.data.dump.migrations.find((name) => !knownMigrations.includes(name))
  if (unknown !== undefined) throw tooNew(`its database has ${unknown}`)
  return read.data
}

const part = '[a-z0-9][a-z0-9._-]*'
const expected = [
  /^manifest\.json$/,
  /^database\/[a-z0-9_]+\.[a-z0-9_]+\.jsonl$/,
  new RegExp(`^(objects\\.git|git/(\\.archive/)?${part}/${part}\\.git)/(refs|pack|fairway\\.json)$`),
  new RegExp(`^artifacts/(${part}/|_layout/)*(index\\.json|oci-layout|${part})$`),
  new RegExp(`^policy/${part}$`),
  /^[a-z][a-z0-9-]*$/,
]

function isExpected(path: string): boolean {
  return !path.includes('..') && expected.some((shape) => shape.test(path))
}

function placeOf(stage: string, path: string): string {
  const isRaw = /^(manifest\.json$|database\/|git\/|objects\.git\/)/.test(path)
  return isRaw ? join(stage, 'unpacked', path) : join(stage, path)
}

async function placeRepository(stage: string, path: string): Promise<void> {
  const from = join(stage, 'unpacked', path)
  const pack = join(from, 'pack')
  await unpackRepository({ refs: join(from, 'refs'), ...(existsSync(pack) && { pack }) }, join(stage, path))
  const settings = join(from, 'fairway.json')
  if (existsSync(settings)) await copyFile(settings, join(stage, path, 'fairway.json'))
}

/** Each image repository shows the shared blobs as its own. */
async function linkBlobs(artifacts: string): Promise<void> {
  const entries = await readdir(artifacts, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const { name, parentPath } of entries)
    if (name === 'oci-layout') await symlink(relative(parentPath, join(artifacts, 'blobs')), join(parentPath, 'blobs'))
}

/** Tables as they were at the backup's version, then its rows, then what is newer. */
async function fillDatabase(
  { databaseUrl }: RestoreOptions,
  { stage, manifest }: { stage: string; manifest: Manifest },
): Promise<void> {
  const server = databaseUrl
    ? undefined
    : await startEmbeddedPostgres({ folder: join(stage, 'postgres'), log: () => {} })
  const url = databaseUrl ?? server?.url ?? ''
  const opened = openDatabase(url, { max: 2 })
  try {
    await migrate(opened.db, manifest.dump.migrations.at(-1))
    await prepareEngine(url)
    await loadDatabase(opened.pool, join(stage, 'unpacked/database'), manifest.dump)
    await migrate(opened.db)
  } finally {
    await opened.close()
    await server?.stop()
  }
}

function refusalOf(error: unknown, file: string): unknown {
  const seal = sealErrorIn(error)
  if (seal?.reason === 'key')
    return new PlatformError('BACKUP_KEY_WRONG', `${file} was sealed with another key`, {
      hint: 'give the key of that backup with --key-file',
      cause: error,
    })
  if (seal) return damaged(seal.message, error)
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new PlatformError('USAGE', `there is no file ${file}`, { cause: error })
  if (code === 'BACKUP_DAMAGED') return error
  return damaged(message, error)
}

function sealErrorIn(error: unknown): SealError | undefined {
  if (error instanceof SealError) return error
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause === undefined ? undefined : sealErrorIn(cause)
}

function damaged(message: string, cause?: unknown): PlatformError {
  return new PlatformError('BACKUP_DAMAGED', `the backup cannot be used: ${message}`, {
    hint: 'take another copy of it, or an older backup',
    cause,
  })
}

function tooNew(why: string): PlatformError {
  return new PlatformError('BACKUP_TOO_NEW', `a newer Fairway wrote this backup: ${why}`, {
    hint: 'restore it with that version',
  })
}
