import type { AuthorizeGit } from '#adapters/git-host/local/settings.ts'
import { repoName, platformRepo } from '#model/names.ts'
import { callerOf } from '#services/sessions.ts'
import type { Platform } from '#services/platform.ts'

/**
 * Who may fetch and push over Git: the password is a session token of the command line. Everybody signed in reads; a
 * team writes its own repositories, platform and security engineers propose to the platform repository.
 */
export function gitAccess(platform: () => Platform): AuthorizeGit {
  return async ({ password }, repo, access) => {
    const caller = await callerOf(platform(), password, 'token')
    if (!caller) return 'unauthenticated'
    const { name, teams, roles } = caller.person
    const actor = { actor: name, teams, platform: false }
    if (access === 'read') return actor
    const engineer = roles.includes('platform-engineer')
    const keepsRules = repoName(repo) === repoName(platformRepo) && roles.includes('security-engineer')
    const ownTeam = roles.includes('developer') && teams.includes(repo.owner)
    return engineer || keepsRules || ownTeam ? actor : 'forbidden'
  }
}
