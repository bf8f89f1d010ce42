import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import fastify from 'fastify'
import pino from 'pino'
import { freePort } from '#lib/free-port.ts'
import { openDatabase } from '#store/database.ts'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { migrate } from '#store/migrate.ts'
import type { Platform } from '#workflows/platform.ts'
import { compose, type Composed } from './compose.ts'
import { openDataFolder } from './data-folder.ts'
import { followSettings } from './follow-settings.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { secretFile } from './secrets-file.ts'
import { seedRepositories } from './seed-platform.ts'
import type { StartFile } from './start-file.ts'

export interface StoppedPlace {
  readonly dataFolder: string
  /** Any PostgreSQL; without it the embedded one. */
  readonly databaseUrl?: string | undefined
  readonly startFile?: StartFile | undefined
}

/**
 * Works on the data of a platform that does not run: database, Git host and adapters are there, engine, agent and API are
 * not. ALREADY_RUNNING when it does run. What was started for it is stopped again.
 */
export async function withStoppedPlatform<T>(
  place: StoppedPlace,
  work: (platform: Platform, place: { dataFolder: string; databaseUrl: string }) => Promise<T>,
): Promise<T> {
  const undo: (() => unknown)[] = []
  try {
    const dataFolder = await openDataFolder(place.dataFolder)
    const lock = takeInstanceLock(dataFolder)
    undo.push(() => lock.release())
    const databaseUrl = place.databaseUrl ?? (await startPostgres(dataFolder, undo))
    await migrated(databaseUrl)
    const composed = await openStopped({ ...place, dataFolder, databaseUrl }, undo)
    const { gitHost, artifacts } = composed.platform.ports
    const first = { startFile: place.startFile?.text, registry: artifacts.registry }
    await seedRepositories(gitHost, composed.platform, first)
    await followSettings(composed)
    return await work(composed.platform, { dataFolder, databaseUrl })
  } finally {
    for (const act of undo.toReversed()) await act()
  }
}

/** The adapters of a start-up file, connected, with the embedded Git host served where it is one of them. */
export async function openStopped(
  { dataFolder, databaseUrl, startFile }: StoppedPlace & { databaseUrl: string },
  undo: (() => unknown)[],
): Promise<Composed> {
  const port = await freePort()
  const composed = await compose({
    dataFolder,
    databaseUrl,
    portalUrl: `http://localhost:${port}`,
    log: pino({ level: 'silent' }),
    gitToken: randomBytes(32).toString('base64url'),
    agentKey: await secretFile(dataFolder, 'agent-git-key'),
    vaultKeys: await secretFile(dataFolder, 'vault-key'),
    adapters: startFile?.adapters,
  })
  undo.push(() => composed.close())
  const app = fastify({ forceCloseConnections: true })
  const git = composed.embedded.gitHost
  if (git) await app.register(git.routes, { prefix: '/git' })
  await app.listen({ host: '127.0.0.1', port })
  undo.push(() => app.close())
  return composed
}

async function migrated(url: string): Promise<void> {
  const opened = openDatabase(url, { max: 1 })
  try {
    await migrate(opened.db)
  } finally {
    await opened.close()
  }
}

async function startPostgres(dataFolder: string, undo: (() => unknown)[]): Promise<string> {
  const server = await startEmbeddedPostgres({ folder: join(dataFolder, 'postgres'), log: () => {} })
  undo.push(() => server.stop())
  return server.url
}
