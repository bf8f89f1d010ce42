import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { userInfo } from 'node:os'
import { PlatformError } from '#errors/platform-error.ts'
import { appendAudit } from '#store/audit.ts'
import { openDatabase, type OpenDatabase } from '#store/database.ts'
import { findEmbeddedPostgres, startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { pendingRecords } from '#store/record.ts'
import { existsSync } from 'node:fs'
import { readInstance, takeInstanceLock } from '../instance-lock.ts'
import { keyToOpen, keyToSeal } from './backup-key.ts'
import { restoreBackup, type RestoreReport } from './restore-backup.ts'
import { type BackupReport, writeBackup } from './write-backup.ts'

export interface BackupRequest {
  readonly dataFolder: string
  readonly out: string | undefined
  readonly keyFile: string | undefined
}

const actor = () => `operator:${userInfo().username}`

/** `fairway backup`, of a platform that runs or does not. */
export async function backup({ dataFolder, out, keyFile }: BackupRequest): Promise<BackupReport & KeyUsed> {
  if (!existsSync(join(dataFolder, 'git')))
    throw new PlatformError('NOT_FOUND', `there is no platform in ${dataFolder}`, { hint: 'npm start makes one' })
  const key = await keyToSeal(keyFile)
  const file = out ?? `fairway-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}.backup`
  return withDatabase(dataFolder, async (database) => {
    await appendAudit(database.db, {
      actor: actor(),
      action: 'platform.backup',
      object: 'platform:data',
      phase: 'act',
      result: 'ok',
    })
    await whenRecorded(database)
    const report = await writeBackup({ dataFolder, database, secret: key.secret, out: file })
    return { ...report, keyFile: key.file, keyIsNew: key.isNew }
  })
}

export interface KeyUsed {
  readonly keyFile: string
  /** It was made by this very backup: somebody must put a copy elsewhere. */
  readonly keyIsNew: boolean
}

/** `fairway restore FILE`. */
export async function restore(
  file: string,
  { dataFolder, keyFile }: Omit<BackupRequest, 'out'>,
): Promise<RestoreReport> {
  const databaseUrl = process.env.FAIRWAY_DATABASE_URL
  return restoreBackup({ file, dataFolder, databaseUrl, secret: await keyToOpen(keyFile), actor: actor() })
}

async function withDatabase<T>(dataFolder: string, work: (database: OpenDatabase) => Promise<T>): Promise<T> {
  const undo: (() => unknown)[] = []
  try {
    const database = openDatabase(await databaseOf(dataFolder, undo), { max: 3 })
    undo.push(() => database.close())
    return await work(database)
  } finally {
    for (const act of undo.toReversed()) await act()
  }
}

/** The running platform's database; of one that is stopped, a database started for this alone. */
async function databaseOf(dataFolder: string, undo: (() => unknown)[]): Promise<string> {
  const given = process.env.FAIRWAY_DATABASE_URL
  const running = given ?? (await findEmbeddedPostgres(join(dataFolder, 'postgres')))?.url
  if (readInstance(dataFolder) && running) return running
  const lock = takeInstanceLock(dataFolder)
  undo.push(() => lock.release())
  if (running) return running
  const server = await startEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log: () => {} })
  undo.push(() => server.stop())
  return server.url
}

/** Rows that wait for their record are in Git a second later; a busy platform always has some, so this does not insist. */
async function whenRecorded({ db }: OpenDatabase): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    if ((await pendingRecords(db, 1)).length === 0) return
    await pause(100)
  }
}
