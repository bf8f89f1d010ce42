import type { AdmissionView } from '#model/admission.ts'

/**
 * The door of an environment's cluster: rules that the cluster itself enforces, whoever comes with an object. The rules
 * get there through the delivery repository; here it is only asked whether they stand.
 */
export interface Admission {
  /** Whether there is a door at all. The core reads the flag; it never compares product names. */
  readonly can: { readonly enforce: boolean }
  /** Changes nothing. What cannot be asked is `unknown` with the reason, never enforced; it does not throw for that. */
  look(question: AdmissionQuestion, signal: AbortSignal): Promise<AdmissionView>
}

export interface AdmissionQuestion {
  readonly environment: string
  /** Every rule that should stand there, with the objects that are that rule in the cluster's folder. */
  readonly rules: readonly WantedRule[]
}

export interface WantedRule {
  readonly policy: string
  readonly definition: object
  readonly application: object
}
