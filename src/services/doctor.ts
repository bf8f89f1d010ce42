import { authorise, type Caller } from './caller.ts'

/** One thing looked at: what was found, and what its absence costs. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'missing' | 'problem'
  readonly found: string
  readonly costs?: string | undefined
  readonly hint?: string | undefined
}

/** Looks at this installation; given by main, which knows the machine. */
export type Doctor = () => Promise<readonly Finding[]>

/** What this installation has and lacks, for whoever is signed in. */
export async function readFindings(doctor: Doctor, caller: Caller): Promise<Finding[]> {
  authorise(caller, 'read')
  return [...(await doctor())]
}
