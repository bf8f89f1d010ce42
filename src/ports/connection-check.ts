/** One thing that an adapter needs of its product, tried with the least it takes. Never holds a secret. */
export interface ConnectionCheck {
  /** What was tried, in a few words: `read repositories`. */
  readonly check: string
  /** `missing`: the product answers and refuses; `found` or `hint` names the scope that would do. */
  readonly state: 'ok' | 'missing' | 'problem'
  readonly found: string
  readonly hint?: string
}
