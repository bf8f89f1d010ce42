import type { Person, Role } from '#model/people.ts'

/** Everything a person can be allowed to do. Reading is one action: what exists is visible to everybody who is signed in. */
export type Action =
  | 'read'
  | 'audit.read'
  | 'service.create'
  | 'service.promote'
  | 'service.rollback'
  | 'service.develop'
  | 'drift.revert'
  | 'drift.adopt'
  | 'run.retry'
  | 'run.undo'
  | 'run.cancel'
  | 'change.open'
  | 'change.merge'
  | 'change.close'
  | 'change.approve'
  | 'settings.approve'
  | 'rules.approve'
  | 'repository.push'
  | 'settings.push'
  | 'catalog.refresh'
  | 'environment.bootstrap'
  | 'environment.detach'
  | 'platform.rebuild'
  | 'platform.inspect'
  | 'secret.read'
  | 'secret.write'

/** `own`: objects of the person's teams. `any`: every object. */
type Scope = 'own' | 'any'

/** The whole access policy as data (design.md section 9). Approvals also ask who contributed, see workflows/deliver/approvals. */
const allowed: Readonly<Record<Role, Readonly<Partial<Record<Action, Scope>>>>> = {
  viewer: { read: 'any' },
  auditor: { read: 'any', 'audit.read': 'any', 'secret.read': 'any' },
  developer: {
    read: 'any',
    'audit.read': 'own',
    'service.create': 'own',
    'service.promote': 'own',
    'service.rollback': 'own',
    'service.develop': 'own',
    'drift.revert': 'own',
    'drift.adopt': 'own',
    'run.retry': 'own',
    'run.undo': 'own',
    'run.cancel': 'own',
    'change.open': 'own',
    'change.merge': 'own',
    'change.close': 'own',
    'change.approve': 'own',
    'repository.push': 'own',
    'catalog.refresh': 'any',
    'secret.read': 'own',
    'secret.write': 'own',
  },
  'platform-engineer': {
    read: 'any',
    'audit.read': 'any',
    'service.create': 'any',
    'service.promote': 'any',
    'service.rollback': 'any',
    'service.develop': 'own', // a value leaves for whoever answers for the service, for nobody else
    'drift.revert': 'any',
    'drift.adopt': 'any',
    'run.retry': 'any',
    'run.undo': 'any',
    'run.cancel': 'any',
    'change.open': 'any',
    'change.merge': 'any',
    'change.close': 'any',
    'change.approve': 'any',
    'settings.approve': 'any',
    'repository.push': 'any',
    'settings.push': 'any',
    'catalog.refresh': 'any',
    'environment.bootstrap': 'any',
    'environment.detach': 'any',
    'platform.rebuild': 'any',
    'platform.inspect': 'any',
    'secret.read': 'any',
    'secret.write': 'any',
  },
  'security-engineer': {
    read: 'any',
    'audit.read': 'any',
    'change.open': 'any',
    'change.merge': 'any',
    'change.close': 'any',
    'rules.approve': 'any',
    'platform.inspect': 'any',
    'settings.push': 'any',
    'catalog.refresh': 'any',
    'secret.read': 'any',
  },
}

/** Whether a person may do this to an object of that team (undefined: an object of no team, which only `any` reaches). */
export function can(person: Pick<Person, 'roles' | 'teams'>, action: Action, team?: string): boolean {
  return person.roles.some((role) => {
    const scope = allowed[role][action]
    return scope === 'any' || (scope === 'own' && team !== undefined && person.teams.includes(team))
  })
}

/** Actions that a person may do to something, for showing or hiding buttons. */
export function actionsOf(person: Pick<Person, 'roles' | 'teams'>): Action[] {
  const actions = person.roles.flatMap((role) => Object.keys(allowed[role]) as Action[])
  return [...new Set(actions)].toSorted()
}

/** Who may do this, in words for a refusal. */
export function whoMay(action: Action, team?: string): string {
  const roles = (Object.keys(allowed) as Role[]).flatMap((role) => {
    const scope = allowed[role][action]
    if (scope === undefined) return []
    return [scope === 'own' ? `${anyOf(role)} of ${team ?? 'the owning team'}` : anyOf(role)]
  })
  return roles.join(' or ')
}

const anyOf = (role: Role): string => `${role === 'auditor' ? 'an' : 'a'} ${role}`
