import { PlatformError } from '#errors/platform-error.ts'
import type { DeliveryMirror, DesiredState } from './desired/delivery-mirror.ts'
import { type PlaceName, placeKey } from './events.ts'
import { WorkloadPlace } from './place.ts'
import type { Runtime } from './runtime.ts'
import type { AgentSource } from './source.ts'

/** What the agent knows of Git: how far it read, or why it could not. */
export interface GitState {
  readonly head: string | undefined
  /** Set while Git cannot be asked; what runs is kept. */
  readonly trouble: string | undefined
  readonly environments: readonly string[]
}

export interface Reconciler {
  readonly git: GitState
  /** Set while the store of secrets cannot be asked; what runs is kept. */
  readonly secretTrouble: string | undefined
  place(name: PlaceName): WorkloadPlace | undefined
  places(): readonly WorkloadPlace[]
  adopt(): Promise<void>
  /** Looks at Git now; resolves when what it says is wanted here. Never throws. */
  refresh(): Promise<void>
  stopAll(): Promise<void>
}

export interface ReconcilerOptions {
  readonly runtime: Runtime
  readonly mirror: DeliveryMirror
  /** Reads the source afresh, so that a new password or folder is taken without a restart. */
  readonly nextSource: () => Promise<AgentSource>
}

/** Keeps every place of the environments in the source equal to Git. */
export function reconciler({ runtime, mirror, nextSource }: ReconcilerOptions): Reconciler {
  const places = new Map<string, WorkloadPlace>()
  let git: GitState = { head: undefined, trouble: 'Git was not asked yet', environments: [] }
  let secretTrouble: string | undefined
  const troubleNow = () => git.trouble ?? secretTrouble
  let looking: Promise<void> | undefined
  let next: Promise<void> | undefined

  const placeFor = (name: PlaceName) => {
    const place = places.get(placeKey(name)) ?? new WorkloadPlace(name, runtime)
    places.set(placeKey(name), place)
    return place
  }
  const apply = async (state: DesiredState, source: AgentSource): Promise<string | undefined> => {
    const { environments } = source
    const untold = await runtime.secrets.refresh(source).then(() => undefined, codedReason)
    const unresolved = new Set<string>()
    for (const desired of state.places.values()) {
      if (!environments.includes(desired.environment)) continue
      const resolved = await runtime.secrets.resolve(desired, source).catch((error: unknown) => {
        unresolved.add(codedReason(error))
        return undefined
      })
      if (resolved) placeFor(resolved).want(resolved)
    }
    for (const [key, place] of places) {
      if (!environments.includes(place.environment) || state.places.has(key)) continue
      if (place.instances.length === 0 && !place.state.live && !place.state.wanted) places.delete(key)
      else place.want(undefined)
    }
    return unresolved.size > 0 ? [...unresolved][0] : needsSecrets(state) ? untold : undefined
  }
  const look = async () => {
    const before = troubleNow()
    try {
      const source = await nextSource()
      const state = await mirror.read(source)
      git = { head: state.head, trouble: undefined, environments: source.environments }
      secretTrouble = await apply(state, source)
    } catch (error) {
      git = { ...git, trouble: reasonOf(error) }
    }
    if (before !== troubleNow()) for (const place of places.values()) runtime.events.changed(place)
  }

  return {
    get git() {
      return git
    },
    get secretTrouble() {
      return secretTrouble
    },
    place: (name) => places.get(placeKey(name)),
    places: () => [...places.values()],
    async adopt() {
      for (const records of await runtime.records.readAll())
        if (records.live || records.instances.length > 0) await placeFor(records).adopt(records)
    },
    // Who asks while a look is under way gets the next one: the one under way may have asked Git too early.
    refresh() {
      if (!looking) return (looking = look().finally(() => (looking = undefined)))
      next ??= looking.then(() => {
        next = undefined
        looking = look().finally(() => (looking = undefined))
        return looking
      })
      return next
    },
    async stopAll() {
      await Promise.all([...places.values()].map((place) => place.stopAll()))
    },
  }
}

function needsSecrets({ places }: DesiredState): boolean {
  return [...places.values()].some(({ spec }) => spec && spec.secretEnv.length + spec.secretFiles.length > 0)
}

function codedReason(error: unknown): string {
  if (error instanceof PlatformError) return error.message
  throw error
}

function reasonOf(error: unknown): string {
  const reason = error instanceof PlatformError ? error.message : `${(error as Error).message}`
  return `the delivery repository cannot be asked: ${reason.replace(/\.$/, '')}`
}
