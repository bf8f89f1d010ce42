import type { Isolation } from '#lib/isolation.ts'
import type { Toolchain, WorkRoot } from '#lib/work-root.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import type { RecordStore } from './instance/record.ts'
import type { Seals } from './seals.ts'
import type { SecretKeeper } from './secrets/secret-keeper.ts'
import type { AgentSource } from './source.ts'
import type { PlaceEvents } from './events.ts'

/** What every part of the agent works with; put together once, at its start. */
export interface Runtime {
  readonly isolation: Isolation
  readonly work: WorkRoot
  readonly toolchain: Toolchain
  readonly records: RecordStore
  readonly seals: Seals
  readonly events: PlaceEvents
  readonly secrets: SecretKeeper
  /** Folder of the workloads' output files. */
  readonly logs: string
  /** The store that the newest source names. */
  artifacts(): Promise<Artifacts>
  /** Undefined until the control plane has written it. */
  source(): AgentSource | undefined
  /** Address on this machine for a service of the environment; the same over restarts of the agent. */
  addressOf(target: { service: string; environment: string }): Promise<string>
}
