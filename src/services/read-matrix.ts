import type { Behind, MatrixRow } from '#model/deployment-matrix.ts'
import type { Health, ServiceInEnvironment, Sync } from '#model/deployment.ts'
import { type Remembered, remembered } from '#lib/remembered.ts'
import type { ServiceRow } from '#store/service.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'
import { pageOfServices } from './page-of-services.ts'
import { environmentsOf, namedServices } from './read-services.ts'

export interface MatrixQuery {
  readonly owner?: string | undefined
  readonly q?: string | undefined
  readonly health?: Health | undefined
  readonly sync?: Sync | undefined
  /** Only services of which a later environment differs from the one before. */
  readonly differs?: boolean | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface Matrix {
  readonly environments: string[]
  readonly items: MatrixRow[]
  readonly next?: string
  /** How many services match by name and owner; live facts are asked only for those that are shown. */
  readonly total: number
  readonly readAt: string
}

const mostCommits = 100

/** Which release of each service runs where, how it stands, and how far an environment is behind the one before. */
export async function readMatrix(platform: Platform, caller: Caller, query: MatrixQuery): Promise<Matrix> {
  authorise(caller, 'read')
  const { environments } = await platform.settings()
  const rows = await namedServices(platform, query)
  const page = await pageOfServices(rows, query, {
    read: (row) => rowOf(platform, row),
    keeps: (row) => matches(row, query),
  })
  return {
    environments: environments.map(({ metadata }) => metadata.name),
    ...page,
    readAt: new Date().toISOString(),
  }
}

async function rowOf(platform: Platform, { name, owner }: ServiceRow): Promise<MatrixRow> {
  const standing = await environmentsOf(platform, name)
  const cells = await Promise.all(
    standing.map(async (at, index) => {
      const before = standing[index - 1]?.release && standing[index - 1]
      const behind = before && (await behindOf(platform, { service: name, owner }, { before, at }))
      return { ...at, ...(behind && { behind }) }
    }),
  )
  return { service: name, owner, cells }
}

async function behindOf(
  platform: Platform,
  service: { service: string; owner: string },
  { before, at }: { before: ServiceInEnvironment; at: ServiceInEnvironment },
): Promise<Behind | undefined> {
  const [wanted, here] = [before.release?.commit, at.release?.commit]
  if (wanted === undefined || wanted === here) return undefined
  const base = { environment: before.name, orMore: false, isAhead: false }
  if (here === undefined) return base
  const missing = await commitsBetween(platform, service, { from: here, to: wanted })
  if (missing === undefined) return base
  if (missing > 0) return { ...base, commits: missing, orMore: missing === mostCommits }
  const more = await commitsBetween(platform, service, { from: wanted, to: here })
  return { ...base, isAhead: true, ...(more !== undefined && { commits: more, orMore: more === mostCommits }) }
}

/** Undefined when the repository cannot be asked: the difference is known all the same. */
async function commitsBetween(
  platform: Platform,
  service: { service: string; owner: string },
  { from, to }: { from: string; to: string },
): Promise<number | undefined> {
  const repo = serviceRepo(service)
  const count = async () =>
    (await platform.ports.gitHost.files.history(repo, { ref: to, since: from, limit: mostCommits })).length
  return memoryOf(platform)
    .get(`${repo.owner}/${repo.name} ${from} ${to}`, count)
    .catch(() => undefined)
}

function matches({ cells }: MatrixRow, { health, sync, differs }: MatrixQuery): boolean {
  return (
    (!health || cells.some((cell) => cell.health === health)) &&
    (!sync || cells.some((cell) => cell.sync === sync)) &&
    (!differs || cells.some(({ behind }) => behind !== undefined))
  )
}

const memories = new WeakMap<object, Remembered<number>>()

/** What lies between two commits never changes. */
function memoryOf({ db }: Platform): Remembered<number> {
  const known = memories.get(db) ?? remembered<number>(2_000)
  memories.set(db, known)
  return known
}
