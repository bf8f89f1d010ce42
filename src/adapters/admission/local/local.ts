import type { Admission } from '#ports/admission.ts'

/** No cluster, no door: the rules are asked once, at the change gate, and the agent runs what Git says. */
export function localAdmission(): Admission {
  return {
    can: { enforce: false },
    look: async () => ({
      kind: 'not-enforced',
      reason:
        'There is no cluster here. The rules are asked before a change is merged; the agent of this machine then checks the signature of the image, and does not ask the rules again.',
    }),
  }
}
