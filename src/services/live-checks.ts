import { authorise, type Caller } from './caller.ts'

/** One thing that was tried at what stands behind a port. */
export interface LiveFinding {
  readonly port: string
  /** `local`, or the product's name. */
  readonly product: string
  readonly check: string
  readonly state: 'ok' | 'missing' | 'problem'
  readonly found: string
  readonly hint?: string | undefined
}

/** Tries every adapter; given by main, which composed them. */
export type LiveChecks = () => Promise<readonly LiveFinding[]>

/** What answers behind each port right now, and which permission is missing. It asks the products, so not everybody may. */
export async function readLive(live: LiveChecks, caller: Caller): Promise<LiveFinding[]> {
  authorise(caller, 'platform.inspect')
  return [...(await live())]
}
