import type { Person } from '../model.ts'

/** The teams that a person may make or adopt a service for; the server decides again. */
export function ownersFor({ roles, teams }: Person, all: readonly string[]): readonly string[] {
  return roles.includes('platform-engineer') ? all : teams
}
