import type { LabPlace } from './lab-place.ts'

/** One engine of the lab: what it needs, and how it comes up. One file each in lab/engines/. */
export interface LabEngine {
  readonly name: string
  /** Binaries of lab/build/engines.ts. */
  readonly binaries?: readonly string[]
  /** Debian packages. */
  readonly packages?: readonly string[]
  /** Engines that must be up before it. */
  readonly needs?: readonly string[]
  /** Brings it up and returns when it answers; one that is up already is left as it is. Writes its facts last. */
  start(lab: LabPlace): Promise<void>
  /** What to clean up beside its processes, which the lab ends itself. Safe to repeat. */
  stop?(lab: LabPlace): Promise<void>
}
