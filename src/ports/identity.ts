import type { Person, Team } from '#model/people.ts'

/** Who people are. The source of truth for names, teams and roles; sessions are the platform's own. */
export interface Identity {
  /** `demo` people are chosen by name with the login key; `oidc` redirects. */
  readonly kind: 'demo' | 'oidc'
  people(): Promise<readonly Person[]>
  teams(): Promise<readonly Team[]>
  find(name: string): Promise<Person | undefined>
}
