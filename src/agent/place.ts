import { PlatformError } from '#errors/platform-error.ts'
import type { RuntimeEvent } from '#model/deployment.ts'
import type { Desired } from './desired/workload-spec.ts'
import { drained } from './drained.ts'
import type { PlaceName } from './events.ts'
import { adoptInstance, type Instance, type InstanceOptions, newInstance } from './instance/instance.ts'
import type { LiveRecord, PlaceRecords } from './instance/record.ts'
import { rollOut } from './rollout.ts'
import type { Runtime } from './runtime.ts'

/** One service in one environment: makes what runs equal to what Git wants, and knows how far it is. */
export interface WorkloadPlace extends PlaceName {
  /** Goes on with what an earlier agent ran, without waiting for Git. */
  adopt(records: PlaceRecords): Promise<void>
  /** undefined: Git has no such folder any more. A newer wish supersedes a rollout under way. */
  want(desired: Desired | undefined): void
  readonly state: PlaceState
  readonly instances: readonly Instance[]
  /** Instances that take traffic now. */
  ready(): readonly Instance[]
  stopAll(): Promise<void>
}

export interface PlaceState {
  readonly wanted: Desired | undefined
  readonly live: LiveRecord | undefined
  /** Delivery commit that is being rolled out. */
  readonly rolling: string | undefined
  readonly failure: { readonly commit: string; readonly reason: string } | undefined
}

export function workloadPlace(name: PlaceName, runtime: Runtime): WorkloadPlace {
  const instances = new Set<Instance>()
  /** Take no new requests and end when those under way are answered. */
  const retiring = new Set<Instance>()
  let state: PlaceState = { wanted: undefined, live: undefined, rolling: undefined, failure: undefined }
  let superseded = new AbortController()
  let converging: Promise<void> | undefined
  let isDirty = false
  let isStopped = false
  let wake = () => {}
  let nextChange = new Promise<void>((resolve) => (wake = resolve))

  const changed = () => {
    wake()
    nextChange = new Promise((resolve) => (wake = resolve))
    runtime.events.changed(name)
  }
  const update = (part: Partial<PlaceState>) => {
    state = { ...state, ...part }
    changed()
  }
  const say = (level: RuntimeEvent['level'], reason: string, message: string, commit?: string) =>
    runtime.events.add(name, { level, reason, message, ...(commit && { commit }) })
  const options: InstanceOptions = { runtime, onChange: changed }
  const running = (hash: string | undefined) =>
    [...instances].filter((instance) => instance.spec.hash === hash && !retiring.has(instance))
  const start = (live: LiveRecord) => {
    const instance = newInstance(live.spec, live.commit, options)
    instances.add(instance)
    return instance
  }
  const retire = async (instance: Instance) => {
    if (retiring.has(instance)) return
    retiring.add(instance)
    await drained(instance)
    await instance.stop().catch((error: Error) => say('error', 'StopFailed', error.message))
    instances.delete(instance)
    retiring.delete(instance)
    changed()
  }
  /** Ends what is neither live nor on its way. */
  const retireBut = (next?: string) =>
    Promise.all(
      [...instances].filter(({ spec }) => spec.hash !== state.live?.spec.hash && spec.hash !== next).map(retire),
    )
  const scale = (live: LiveRecord) => {
    const { replicas } = live.spec
    const now = running(live.spec.hash)
    for (let count = now.length; count < replicas; count++) start(live)
    for (const instance of leastUseful(now).slice(0, Math.max(now.length - replicas, 0))) void retire(instance)
  }
  const serve = async (live: LiveRecord) => {
    await runtime.records.saveLive(live)
    update({ live, failure: undefined, rolling: undefined })
    scale(live)
    void retireBut()
  }

  const converge = async (signal: AbortSignal) => {
    const { wanted, live, failure } = state
    if (!wanted) return remove()
    if (failure?.commit === wanted.commit) return undefined
    if (!wanted.spec) return fail(wanted.commit, wanted.problem ?? 'it cannot be read')
    const next = { spec: wanted.spec, commit: wanted.commit }
    if (live?.spec.hash === next.spec.hash) return serve(next)
    update({ rolling: next.commit })
    void retireBut(next.spec.hash)
    say('info', 'RolloutStarted', `rolling out ${next.spec.version}`, next.commit)
    const failed = await rollOut({
      next,
      runtime,
      signal,
      running: () => running(next.spec.hash),
      start: () => start(next),
      nextChange: () => nextChange,
    })
    if (signal.aborted) return
    if (failed !== undefined) return fail(next.commit, failed)
    await serve(next)
    say('info', 'RolloutSucceeded', `${next.spec.version} is ready and serves`, next.commit)
  }
  const fail = (commit: string, reason: string) => {
    update({ failure: { commit, reason }, rolling: undefined })
    say('error', 'RolloutFailed', reason, commit)
    void retireBut()
  }
  const remove = async () => {
    update({ live: undefined, failure: undefined, rolling: undefined })
    await retireBut()
    if (!state.wanted) await runtime.records.removePlace(name)
    changed()
  }
  const kick = () => {
    isDirty = true
    superseded.abort()
    converging ??= untilClean().finally(() => {
      converging = undefined
      if (isDirty && !isStopped) kick()
    })
  }
  const untilClean = async () => {
    while (isDirty && !isStopped) {
      isDirty = false
      superseded = new AbortController()
      await converge(superseded.signal).catch((error: unknown) => fail(state.wanted?.commit ?? '', reasonOf(error)))
    }
  }

  return {
    ...name,
    async adopt({ live, instances: records }) {
      update({ live })
      for (const record of records) {
        const adopted = await adoptInstance(record, { ...options, restart: record.spec.hash === live?.spec.hash })
        if (adopted) instances.add(adopted)
        else await runtime.records.removeInstance(record)
      }
      if (live) scale(live)
    },
    want(desired) {
      if (desired === state.wanted && state.wanted) return
      update({ wanted: desired })
      kick()
    },
    get state() {
      return state
    },
    get instances() {
      return [...instances]
    },
    ready: () => running(state.live?.spec.hash).filter(({ state: now }) => now === 'ready'),
    async stopAll() {
      isStopped = true
      superseded.abort()
      await converging
      await Promise.all([...instances].map((instance) => instance.stop()))
    },
  }
}

// The last ones that would be missed come first in the queue to go: crashed before starting before ready.
function leastUseful(all: readonly Instance[]): Instance[] {
  const order = ['crashed', 'starting', 'not-ready', 'ready']
  return all.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
}

function reasonOf(error: unknown): string {
  return error instanceof PlatformError ? error.message : 'the agent met an error nobody foresaw; its log has it'
}
