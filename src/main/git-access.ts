import type { AuthorizeGit } from '#adapters/git-host/local/settings.ts'
import { can } from '#access/can.ts'
import { timingSafeEqual, createHash } from 'node:crypto'
import { deliveryRepo, platformRepo, repoName } from '#model/names.ts'
import { callerOf } from '#services/sessions.ts'
import type { Platform } from '#services/platform.ts'

/** The agent's user name at the embedded Git host. */
export const agentUser = 'agent'

/**
 * Who may fetch and push over Git: the password is a session token of the command line. Everybody signed in reads; a
 * team writes its own repositories, platform and security engineers propose to the platform repository.
 */
export function gitAccess(platform: () => Platform, agentKey: string): AuthorizeGit {
  return async ({ username, password }, repo, access) => {
    if (username === agentUser) return agentAccess(repo, access, equal(password, agentKey))
    const caller = await callerOf(platform(), password, 'token')
    if (!caller) return 'unauthenticated'
    const { name, teams } = caller.person
    const push = repoName(repo) === repoName(platformRepo) ? 'settings.push' : 'repository.push'
    const action = access === 'read' ? 'read' : push
    return can(caller.person, action, repo.owner) ? { actor: name, teams, platform: false } : 'forbidden'
  }
}

/** The agent reads the delivery repository. */
function agentAccess(
  repo: { owner: string; name: string },
  access: 'read' | 'write',
  known: boolean,
): Awaited<ReturnType<AuthorizeGit>> {
  if (!known) return 'unauthenticated'
  const allowed = access === 'read' && repoName(repo) === repoName(deliveryRepo)
  return allowed ? { actor: agentUser, teams: [], platform: false } : 'forbidden'
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
