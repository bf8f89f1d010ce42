import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, findEmbeddedPostgres, startEmbeddedPostgres } from '#store/embedded-postgres.ts'

let server: EmbeddedPostgres | undefined
let folder: string | undefined

/** One PostgreSQL for the whole test run; the test files find it through FAIRWAY_TEST_DATABASE. */
export async function globalSetup(): Promise<void> {
  if (process.env.FAIRWAY_TEST_DATABASE) return
  await clearAbandoned()
  folder = await mkdtemp(join(tmpdir(), `fairway-tests-${process.pid}-`))
  server = await startEmbeddedPostgres({ folder, fsync: false, maxConnections: 300, log: () => {} })
  process.env.FAIRWAY_TEST_DATABASE = server.url
}

export async function globalTeardown(): Promise<void> {
  await server?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
}

// The name carries the pid of its run; where that is gone the run was killed and left its server behind.
async function clearAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^fairway-tests-(\d+)-/.exec(name)?.[1])
    if (!pid || isAlive(pid)) continue
    const left = join(tmpdir(), name)
    await (await findEmbeddedPostgres(left))?.stop()
    await rm(left, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
