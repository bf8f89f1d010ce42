import { PlatformError } from '#errors/platform-error.ts'
import { identityFor } from '#lib/isolation.ts'
import { endProcessesOf } from '#lib/process-group.ts'
import type { RuntimeEvent } from '#model/deployment.ts'
import type { FieldDifference } from '#model/drift.ts'
import type { Desired } from './desired/workload-spec.ts'
import { drained } from './drained.ts'
import { type PlaceName, placeKey } from './events.ts'
import { adoptInstance, type Instance, newInstance } from './instance/instance.ts'
import type { LiveRecord, PlaceRecords } from './instance/record.ts'
import { areReady, restoreFolders } from './repair-place.ts'
import { rollOut } from './rollout.ts'
import type { Runtime } from './runtime.ts'
import { brokenFilesOf } from './workload-folders.ts'

export interface PlaceState {
  readonly wanted: Desired | undefined
  /** The version that takes traffic, and the delivery commit it came from. */
  readonly live: LiveRecord | undefined
  /** Delivery commit that is being rolled out. */
  readonly rolling: string | undefined
  readonly failure: { readonly commit: string; readonly reason: string } | undefined
}

/** One service in one environment: makes what runs equal to what Git wants, and knows how far it is. */
export class WorkloadPlace implements PlaceName {
  readonly service: string
  readonly environment: string
  readonly #runtime: Runtime
  readonly #instances = new Set<Instance>()
  /** Take no new requests and end when those under way are answered. */
  readonly #retiring = new Set<Instance>()
  #brokenFiles: readonly FieldDifference[] = []
  #repairing: Promise<void> | undefined
  #state: PlaceState = { wanted: undefined, live: undefined, rolling: undefined, failure: undefined }
  #superseded = new AbortController()
  #converging: Promise<void> | undefined
  #isDirty = false
  #isStopped = false
  #change = Promise.withResolvers<void>()

  constructor({ service, environment }: PlaceName, runtime: Runtime) {
    this.service = service
    this.environment = environment
    this.#runtime = runtime
  }

  get state(): PlaceState {
    return this.#state
  }

  get instances(): readonly Instance[] {
    return [...this.#instances]
  }

  /** Instances that take traffic now. */
  ready(): readonly Instance[] {
    return this.#running(this.#state.live?.spec.hash).filter(({ state }) => state === 'ready')
  }

  /** Instances of the live version that are not on their way out. */
  serving(): readonly Instance[] {
    return this.#running(this.#state.live?.spec.hash)
  }

  /** What differed on disk at the last look. */
  get brokenFiles(): readonly FieldDifference[] {
    return this.#brokenFiles
  }

  async lookAtFiles(): Promise<void> {
    const { live } = this.#state
    if (this.#repairing) return
    const broken = live ? await brokenFilesOf(this.#runtime, live.spec) : []
    if (JSON.stringify(broken) === JSON.stringify(this.#brokenFiles)) return
    this.#brokenFiles = broken
    this.#changed()
  }

  /** Starts what Git wants anew from restored files, then ends what ran. Nothing is ended before its successor is ready. */
  repair(): Promise<void> {
    this.#repairing ??= this.#repair()
      .catch((error: unknown) => this.#say('error', 'RepairFailed', { message: reasonOf(error) }))
      .then(() => (this.#repairing = undefined))
      .then(() => this.lookAtFiles())
    return this.#repairing
  }

  /** Goes on with what an earlier agent ran, without waiting for Git. */
  async adopt({ live, instances }: PlaceRecords): Promise<void> {
    this.#update({ live })
    for (const record of instances) {
      const restart = record.spec.hash === live?.spec.hash
      const adopted = await adoptInstance(record, { ...this.#options(), restart })
      if (adopted) this.#instances.add(adopted)
      else await this.#runtime.records.removeInstance(record)
    }
    if (live) this.#scale(live)
  }

  /** undefined: Git has no such folder any more. A newer wish supersedes a rollout under way. */
  want(desired: Desired | undefined): void {
    if (desired === this.#state.wanted && desired !== undefined) return
    // The same commit asks for something else than before: a secret was set, or has a new version.
    const isRetried = desired && this.#state.failure?.commit === desired.commit
    this.#update({ wanted: desired, ...(isRetried && { failure: undefined }) })
    this.#kick()
  }

  async stopAll(): Promise<void> {
    this.#isStopped = true
    this.#superseded.abort()
    await this.#converging
    await Promise.all(this.instances.map((instance) => instance.stop()))
    await this.#endStrays()
  }

  #kick(): void {
    this.#isDirty = true
    this.#superseded.abort()
    this.#converging ??= this.#untilClean().finally(() => {
      this.#converging = undefined
      if (this.#isDirty && !this.#isStopped) this.#kick()
    })
  }

  async #untilClean(): Promise<void> {
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false
      this.#superseded = new AbortController()
      try {
        await this.#converge(this.#superseded.signal)
      } catch (error) {
        this.#fail(this.#state.wanted?.commit ?? '', reasonOf(error))
      }
    }
  }

  async #converge(signal: AbortSignal): Promise<void> {
    const { wanted, live, failure } = this.#state
    if (!wanted) return this.#remove()
    if (failure?.commit === wanted.commit) return
    if (!wanted.spec) return this.#fail(wanted.commit, wanted.problem ?? 'its manifests cannot be read')
    const next = { spec: wanted.spec, commit: wanted.commit }
    if (live?.spec.hash === next.spec.hash) return this.#serve(next)
    this.#update({ rolling: next.commit })
    void this.#retireBut(next.spec.hash)
    this.#say('info', 'RolloutStarted', { message: `rolling out ${next.spec.version}`, commit: next.commit })
    const failed = await rollOut({
      next,
      runtime: this.#runtime,
      signal,
      running: () => this.#running(next.spec.hash),
      start: () => this.#start(next),
      nextChange: () => this.#change.promise,
    })
    if (signal.aborted) return
    if (failed !== undefined) return this.#fail(next.commit, failed)
    await this.#serve(next)
    this.#say('info', 'RolloutSucceeded', { message: `${next.spec.version} is ready and serves`, commit: next.commit })
  }

  async #repair(): Promise<void> {
    const { wanted, live, rolling } = this.#state
    if (!wanted?.spec || live?.spec.hash !== wanted.spec.hash || rolling) return
    const next = { spec: wanted.spec, commit: wanted.commit }
    await restoreFolders(this.#runtime, next.spec)
    const old = this.serving()
    const fresh = Array.from({ length: next.spec.replicas }, () => this.#start(next))
    const isReady = await areReady(fresh, {
      seconds: next.spec.deadlineSeconds,
      nextChange: () => this.#change.promise,
    })
    await Promise.all((isReady ? old : fresh).map((instance) => this.#retire(instance)))
    if (!isReady) return this.#say('error', 'RepairFailed', { message: 'a fresh instance did not get ready' })
    await this.#serve(next)
    this.#say('info', 'Repaired', { message: 'what runs was made anew from Git', commit: next.commit })
  }

  async #serve(live: LiveRecord): Promise<void> {
    await this.#runtime.records.saveLive(live)
    this.#update({ live, failure: undefined, rolling: undefined })
    this.#scale(live)
    void this.#retireBut()
  }

  #fail(commit: string, reason: string): void {
    this.#update({ failure: { commit, reason }, rolling: undefined })
    this.#say('error', 'RolloutFailed', { message: reason, commit })
    void this.#retireBut()
  }

  async #remove(): Promise<void> {
    this.#update({ live: undefined, failure: undefined, rolling: undefined })
    await this.#retireBut()
    await this.#endStrays()
    if (!this.#state.wanted) {
      await this.#runtime.records.removePlace(this)
      await this.#runtime.secrets.forget(this)
    }
    this.#changed()
  }

  #scale(live: LiveRecord): void {
    const now = this.#running(live.spec.hash)
    for (let count = now.length; count < live.spec.replicas; count++) this.#start(live)
    for (const instance of leastUseful(now).slice(0, Math.max(now.length - live.spec.replicas, 0)))
      void this.#retire(instance)
  }

  #start({ spec, commit }: LiveRecord): Instance {
    const instance = newInstance(spec, commit, this.#options())
    this.#instances.add(instance)
    return instance
  }

  /** Ends what is neither live nor on its way. */
  async #retireBut(next?: string): Promise<void> {
    const kept = [this.#state.live?.spec.hash, next]
    await Promise.all(this.instances.filter(({ spec }) => !kept.includes(spec.hash)).map((one) => this.#retire(one)))
  }

  async #retire(instance: Instance): Promise<void> {
    if (this.#retiring.has(instance)) return
    this.#retiring.add(instance)
    await drained(instance)
    await instance.stop().catch((error: Error) => this.#say('error', 'StopFailed', { message: error.message }))
    this.#instances.delete(instance)
    this.#retiring.delete(instance)
    this.#changed()
  }

  // Without a sandbox a workload can leave its process group; the user id that is its alone still finds what it left.
  async #endStrays(): Promise<void> {
    const { isolation } = this.#runtime
    const { uid } = identityFor(isolation, placeKey(this))
    if (isolation.kind === 'user' && uid !== undefined) await endProcessesOf(uid)
  }

  #running(hash: string | undefined): Instance[] {
    return this.instances.filter((instance) => instance.spec.hash === hash && !this.#retiring.has(instance))
  }

  #options() {
    return { runtime: this.#runtime, onChange: () => this.#changed() }
  }

  #update(part: Partial<PlaceState>): void {
    this.#state = { ...this.#state, ...part }
    this.#changed()
  }

  #changed(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers()
    this.#runtime.events.changed(this)
  }

  #say(level: RuntimeEvent['level'], reason: string, what: Pick<RuntimeEvent, 'message' | 'commit'>): void {
    this.#runtime.events.add(this, { level, reason, ...what })
  }
}

// Those that would be missed least come first.
function leastUseful(all: readonly Instance[]): Instance[] {
  const order = ['crashed', 'starting', 'not-ready', 'ready']
  return all.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
}

function reasonOf(error: unknown): string {
  return error instanceof PlatformError ? error.message : 'the agent met an error nobody foresaw; its log has it'
}
