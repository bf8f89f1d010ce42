import { codeOf } from '#errors/platform-error.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { Deployment } from '#model/deployment.ts'
import { deliveryRepo } from '#model/names.ts'
import { ReleaseFile } from '#model/release.ts'
import type { CommitInfo } from '#ports/git-host.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { outcomesOf } from '#store/release.ts'
import { type Remembered, remembered } from '#lib/remembered.ts'
import type { Platform } from '../platform.ts'
import { madeByPlatform } from './platform-commits.ts'
import { DeliveryLog } from './delivery-log.ts'

/** Deployments of a service in an environment, newest first: the commits of its folder in the delivery repository. */
export async function deploymentsIn(
  platform: Platform,
  { service, environment }: { service: string; environment: string },
  limit = 50,
): Promise<readonly Deployment[]> {
  const path = deliveryPlace(service, environment)
  const commits = await readHistory(platform, { path, limit })
  const made = await madeByPlatform(platform, commits)
  const outcomes = await outcomesOf(platform.db, service, environment)
  const deployments = await Promise.all(
    commits.map(async (commit, index) => {
      const release = await releaseAt(platform, { service, environment, commit: commit.commit })
      return (
        release &&
        deploymentOf({
          commit: made.has(commit.commit) ? commit : { ...commit, trailers: [] },
          isOurs: made.has(commit.commit),
          release,
          current: index === 0,
          outcome: outcomes.get(`${environment}:${commit.commit}`),
        })
      )
    }),
  )
  return deployments.filter((deployment) => deployment !== undefined)
}

/** release.yaml of a folder as of a delivery commit; undefined when the folder was not there. */
export async function releaseAt(
  platform: Platform,
  { service, environment, commit }: { service: string; environment: string; commit: string },
): Promise<ReleaseFile | undefined> {
  const path = `${deliveryPlace(service, environment)}/release.yaml`
  const text = await deployedFile(platform, { service, environment, commit }, 'release.yaml')
  if (text === undefined) return undefined
  try {
    return readYamlAs(text, ReleaseFile, { code: 'SETTINGS_INVALID', file: path }).value
  } catch (error) {
    if (codeOf(error) === 'SETTINGS_INVALID') return undefined // written past the platform: no release of ours
    throw error
  }
}

/** A file of a place's folder as of a delivery commit. */
export async function deployedFile(
  platform: Platform,
  { service, environment, commit }: { service: string; environment: string; commit: string },
  name: string,
): Promise<string | undefined> {
  const path = `${deliveryPlace(service, environment)}/${name}`
  const { files } = platform.ports.gitHost
  return memoryOf(platform).texts.get(`${commit} ${path}`, () => files.read(deliveryRepo, commit, path))
}

/** Commits of a folder on main, newest first. What a commit id names never changes, so only main itself is asked each time. */
async function readHistory(
  platform: Platform,
  { path, limit }: { path: string; limit: number },
): Promise<readonly CommitInfo[]> {
  const { files } = platform.ports.gitHost
  const memory = memoryOf(platform)
  memory.head ??= files.resolve(deliveryRepo, 'main').finally(() => (memory.head = undefined))
  const ref = await memory.head
  if (!ref) return []
  const known = await memory.log.of(ref, path, limit)
  return known ?? memory.deep.get(`${ref} ${path} ${limit}`, () => files.history(deliveryRepo, { ref, path, limit }))
}

/** The Git tree id of a place's folder as of a delivery commit. */
export async function treeAt(
  platform: Platform,
  { service, environment, commit }: { service: string; environment: string; commit: string },
): Promise<string | undefined> {
  const path = deliveryPlace(service, environment)
  const { files } = platform.ports.gitHost
  return memoryOf(platform).texts.get(`${commit} ${path}`, () => files.tree(deliveryRepo, commit, path))
}

interface Memory {
  /** The question for main that is under way: a page asks it for every service and environment at once. */
  head: Promise<string | undefined> | undefined
  readonly log: DeliveryLog
  /** Histories that go back further than the log. */
  readonly deep: Remembered<readonly CommitInfo[]>
  readonly texts: Remembered<string | undefined>
}

const memories = new WeakMap<object, Memory>()

function memoryOf(platform: Platform): Memory {
  const known = memories.get(platform.db) // a step has a platform of its own
  if (known) return known
  const memory = {
    head: undefined,
    log: new DeliveryLog(platform.ports.gitHost.files),
    deep: remembered<readonly CommitInfo[]>(200),
    texts: remembered<string | undefined>(5_000),
  }
  memories.set(platform.db, memory)
  return memory
}

interface Found {
  readonly commit: CommitInfo
  readonly release: ReleaseFile
  /** False: it came past the platform, and what its message says counts for nothing. */
  readonly isOurs: boolean
  readonly current: boolean
  readonly outcome: { outcome: Deployment['outcome']; reason?: string } | undefined
}

function deploymentOf({ commit, release, isOurs, current, outcome }: Found): Deployment {
  const trailer = (key: string) => commit.trailers.find(([name]) => name.toLowerCase() === key)?.[1]
  const all = (key: string) => commit.trailers.filter(([name]) => name.toLowerCase() === key).map(([, value]) => value)
  const run = trailer('run-id')
  const [change, reverts, verdict] = [trailer('change-id'), trailer('reverts'), trailer('verdict')]
  return {
    service: release.service,
    environment: release.environment,
    commit: commit.commit,
    kind: reverts ? 'rollback' : !run ? 'change' : release.promotedFrom ? 'promotion' : 'release',
    version: release.version,
    sourceCommit: release.commit,
    digest: release.digest,
    requestedBy: trailer('requested-by') ?? commit.author,
    approvedBy: all('approved-by'),
    ...(run && { run }),
    ...(!isOurs && { pastPlatform: true }),
    ...(change && { change }),
    ...(reverts && { reverts }),
    ...(verdict && { verdict }),
    at: commit.at,
    current,
    outcome: outcome?.outcome ?? 'unknown',
    ...(outcome?.reason && { outcomeReason: outcome.reason }),
  }
}
