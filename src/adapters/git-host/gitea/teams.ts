import { PlatformError } from '#errors/platform-error.ts'
import type { RepoRef } from '#model/names.ts'
import { type GiteaCalls, pathOf, scopes } from './calls.ts'
import { Organisation, Team, User } from './schema.ts'

export interface Teams {
  /** The organisation of an owner, made when absent; its hook comes with it. */
  organisation(owner: string): Promise<void>
  /** Gives teams write access to a repository. Teams are made when absent; their members are the platform's. */
  grant(repo: RepoRef, teams: readonly string[]): Promise<void>
}

export interface TeamParts {
  readonly calls: GiteaCalls
  /** Names of a team's people; undefined for a team that the platform does not know. */
  membersOf(team: string): Promise<readonly string[] | undefined>
  /** Called once for each organisation in use. */
  onOrganisation(owner: string): Promise<void>
}

const scope = scopes.organization
const units = { 'repo.code': 'write', 'repo.pulls': 'write', 'repo.issues': 'write', 'repo.releases': 'read' }

/** People and teams as Gitea has them: the same names, and nobody is made there. */
export function giteaTeams({ calls, membersOf, onOrganisation }: TeamParts): Teams {
  const ready = new Map<string, Promise<void>>()
  const make = async (owner: string) => {
    const org = await calls.find(`/orgs/${owner}`, { schema: Organisation, scope })
    // Everybody who is signed in reads, as everywhere on the platform; who is not sees nothing.
    const body = { username: owner, visibility: 'limited', repo_admin_change_team_access: false }
    if (!org) {
      const { status } = await calls.send('POST', '/orgs', { body, scope, accept: [422] })
      if (status === 422 && !(await calls.find(`/orgs/${owner}`, { schema: Organisation, scope })))
        throw new PlatformError(
          'NAME_TAKEN',
          `Gitea has a user called ${owner}, so no organisation can have that name.`,
          {
            hint: 'rename the user, or the team',
          },
        )
    }
    await onOrganisation(owner)
  }
  const organisation = (owner: string) => {
    const known = ready.get(owner)
    if (known) return known
    const making = make(owner).catch((error: unknown) => {
      ready.delete(owner)
      throw error
    })
    ready.set(owner, making)
    return making
  }

  async function team(owner: string, name: string): Promise<number> {
    const list = () => calls.all(`/orgs/${owner}/teams`, Team, { scope })
    const named = (teams: readonly { id: number; name: string }[]) =>
      teams.find((one) => one.name.toLowerCase() === name)
    const known = named(await list())
    if (known) return known.id
    const body = { name, permission: 'write', units_map: units, includes_all_repositories: false }
    const { status, text } = await calls.send('POST', `/orgs/${owner}/teams`, { body, scope, accept: [422] })
    const id = status === 422 ? named(await list())?.id : Team.parse(JSON.parse(text)).id
    if (id === undefined)
      throw new PlatformError('PRODUCT_FAILED', `Gitea makes no team ${name} in ${owner}: ${text.slice(0, 200)}`)
    return id
  }

  async function setMembers(id: number, name: string): Promise<void> {
    const wanted = await membersOf(name)
    if (!wanted) return
    const present = (await calls.all(`/teams/${id}/members`, User, { scope })).map(({ login }) => login.toLowerCase())
    // 404: nobody of that name has signed in to Gitea yet.
    for (const login of wanted.filter((one) => !present.includes(one)))
      await calls.send('PUT', `/teams/${id}/members/${login}`, { scope, accept: [404] })
    for (const login of present.filter((one) => !wanted.includes(one)))
      await calls.send('DELETE', `/teams/${id}/members/${login}`, { scope, accept: [404] })
  }

  return {
    organisation,
    async grant(repo, teams) {
      for (const name of teams) {
        const id = await team(repo.owner, name)
        await setMembers(id, name)
        await calls.send('PUT', `/teams/${id}${pathOf(repo)}`, { scope })
      }
    },
  }
}
