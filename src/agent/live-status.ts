import type { Health, LiveResource, Sync } from '#model/deployment.ts'
import type { LiveStatus } from '#ports/delivery.ts'
import type { PlaceName } from './events.ts'
import type { Instance } from './instance/instance.ts'
import type { WorkloadPlace } from './place.ts'
import type { GitState, Reconciler } from './reconciler.ts'

/** How a place stands, from what Git wants and what runs. */
export function liveStatus(reconciler: Reconciler, name: PlaceName, gatewayPort: number): LiveStatus {
  const readAt = new Date().toISOString()
  const { secretTrouble } = reconciler
  const git = { ...reconciler.git, trouble: reconciler.git.trouble ?? troubleOf(secretTrouble, reconciler.place(name)) }
  const place = reconciler.place(name)
  if (!place)
    return {
      sync: git.trouble ? 'unknown' : 'absent',
      health: git.trouble ? 'unknown' : 'absent',
      readAt,
      ...(git.trouble && { reason: git.trouble }),
    }
  const { live, wanted, failure } = place.state
  const ready = place.ready()
  const sync = syncOf(place, git)
  const health = healthOf(place, ready.length)
  const reason = reasonOf(place, { git, sync, health })
  const failed = failure && failure.commit === wanted?.commit ? failure.reason : undefined
  return {
    sync,
    health,
    ...(reason && { reason }),
    ...(live && {
      liveCommit: live.commit,
      image: `${live.spec.image.name}@${live.spec.image.digest}`,
      version: live.spec.version,
      replicas: { ready: ready.length, desired: live.spec.replicas },
      ...(Object.keys(live.spec.secrets).length > 0 && { secrets: live.spec.secrets }),
    }),
    ...(wanted && { wantedCommit: wanted.commit }),
    ...(failed && { rolloutFailure: failed }),
    ...(live &&
      live.spec.ports.length > 0 && { url: `http://${name.service}.${name.environment}.localhost:${gatewayPort}` }),
    readAt,
  }
}

/** Only a place that asks for secrets, or that waits for its first answer, is troubled by a store that cannot be asked. */
function troubleOf(trouble: string | undefined, place: WorkloadPlace | undefined): string | undefined {
  const spec = place?.state.wanted?.spec ?? place?.state.live?.spec
  return !place || !spec || spec.secretEnv.length + spec.secretFiles.length > 0 ? trouble : undefined
}

function syncOf({ state: { wanted, live, rolling, failure }, instances }: WorkloadPlace, git: GitState): Sync {
  if (git.trouble) return 'unknown'
  if (!wanted) return live || instances.length > 0 ? 'progressing' : 'absent'
  if (failure?.commit === wanted.commit) return 'failed'
  if (rolling) return 'progressing'
  const same = live?.commit === wanted.commit && (!wanted.spec || live.spec.hash === wanted.spec.hash)
  return same ? 'synced' : 'progressing'
}

function healthOf({ state: { wanted, live, rolling, failure }, instances }: WorkloadPlace, ready: number): Health {
  if (rolling) return 'progressing'
  if (failure && failure.commit === wanted?.commit) return 'degraded'
  if (!live) return wanted || instances.length > 0 ? 'progressing' : 'absent'
  if (ready >= live.spec.replicas) return 'healthy'
  const own = instances.filter(({ spec }) => spec.hash === live.spec.hash)
  return own.some(isTroubled) ? 'degraded' : 'progressing'
}

function isTroubled({ state, record }: Instance): boolean {
  return state === 'crashed' || state === 'not-ready' || (state === 'starting' && record.lastExit !== undefined)
}

function reasonOf(
  { state: { live, failure, wanted, rolling }, instances }: WorkloadPlace,
  { git, sync, health }: { git: GitState; sync: Sync; health: Health },
): string | undefined {
  if (sync === 'unknown') return git.trouble
  if (failure && failure.commit === wanted?.commit)
    return live ? `${failure.reason}; ${live.spec.version} keeps running` : `${failure.reason}; nothing runs`
  if (rolling)
    return instances.map(({ trouble, spec }) => (spec.hash === live?.spec.hash ? undefined : trouble)).find(Boolean)
  if (health === 'healthy' || health === 'absent') return undefined
  const troubled = instances.find((one) => isTroubled(one) && one.spec.hash === live?.spec.hash)
  return troubled && (troubled.trouble ?? troubled.record.lastExit)
}

/** Every object of the folder, and the instances behind the Deployment. */
export function liveResources(place: WorkloadPlace | undefined): LiveResource[] {
  if (!place) return []
  const { live, wanted } = place.state
  const ready = place.ready().length
  const objects = wanted?.objects ?? [{ kind: 'Deployment', name: place.service, enforced: true }]
  return objects.map((object) => ({
    ...object,
    health: healthOfObject(object, { place, ready, live: live !== undefined }),
    instances: object.kind === 'Deployment' ? place.instances.map(instanceOf) : [],
  }))
}

function healthOfObject(
  { kind, enforced }: { kind: string; enforced: boolean },
  { place, ready, live }: { place: WorkloadPlace; ready: number; live: boolean },
): Health {
  if (!enforced) return 'unknown'
  if (kind === 'Deployment') return healthOf(place, ready)
  if (kind === 'Service') return ready > 0 ? 'healthy' : 'degraded'
  return live ? 'healthy' : 'progressing'
}

function instanceOf({ id, state, spec, record }: Instance): LiveResource['instances'][number] {
  const { startedAt, restarts, lastExit } = record
  return { id, state, version: spec.version, startedAt, restarts, ...(lastExit && { lastExit }) }
}
