import type { Doctor } from '#services/doctor.ts'
import type { Composed } from './compose.ts'
import { readDoctor } from './doctor.ts'

/** What `fairway doctor` says, with what only the running platform knows: its runtime and the rules in force. */
export function platformDoctor({ platform }: Composed): Doctor {
  return async () => {
    const { digest, policies } = platform.ports.policy.bundle()
    const rules = {
      check: 'rules',
      state: 'ok' as const,
      found: `${policies.length} rules in force, bundle ${digest.slice(7, 19)}`,
    }
    return [...(await readDoctor()), rules]
  }
}
