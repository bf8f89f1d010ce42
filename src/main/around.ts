import type { Ports } from '#ports/ports.ts'
import type { AroundStep } from '#workflows/engine/around-step.ts'

/** What stands around the acting parts, for whoever composes a platform to count what it does. The product gives none. */
export interface Around {
  /** Gives back something that acts as the adapter does. */
  port<T extends object>(name: keyof Ports, adapter: T): T
  readonly step: AroundStep
}
