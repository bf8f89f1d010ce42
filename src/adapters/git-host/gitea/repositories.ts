import { PlatformError } from '#errors/platform-error.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { ArchivedRepository, Repositories, Repository } from '#ports/git-host.ts'
import { type GiteaCalls, pathOf, scopes } from './calls.ts'
import { isRecordsRepo } from './change-records.ts'
import type { Mirror } from './mirror.ts'
import { checkedRepo, describeAs, described, nameBeforeArchive, nameInArchive } from './names.ts'
import { protectBranches } from './protection.ts'
import { Organisation, Repo } from './schema.ts'
import type { Teams } from './teams.ts'

export interface RepositoryParts {
  readonly calls: GiteaCalls
  readonly teams: Teams
  readonly mirror: Mirror
}

const scope = scopes.repository
const defaultBranch = 'main'

/** Repositories of organisations. The marker and the words of the archive are in the description. */
export function giteaRepositories(parts: RepositoryParts): Repositories {
  const { calls, teams, mirror } = parts
  return {
    async find(given) {
      const found = await calls.repository(checkedRepo(given))
      return found && viewOf(found)
    },
    async list() {
      const all = await allRepositories(calls)
      return all.filter(({ name }) => nameBeforeArchive(name) === undefined).map(viewOf)
    },
    async create({ repo: given, description, marker, teams: owners }) {
      const repo = checkedRepo(given)
      const first = await calls.repository(repo)
      if (first) refuseOther(first, marker)
      else await teams.organisation(repo.owner)
      const found = first ?? (await make(calls, repo, describeAs({ text: description, marker })))
      refuseOther(found, marker)
      // Also for one that is adopted: who made it may not have come this far.
      if (!found.allow_manual_merge) {
        await protectBranches(parts, { repo, rule: { pushBy: 'platform', teams: [] }, defaultBranch })
        await teams.grant(repo, owners)
        await calls.send('PATCH', pathOf(repo), { body: settings, scope })
      }
      return viewOf(found)
    },
    protect: (repo, rule) => protectBranches(parts, { repo: checkedRepo(repo), rule, defaultBranch }),
    async archive(given, reason) {
      const repo = checkedRepo(given)
      const found = await calls.repository(repo)
      const half = found ? undefined : await halfArchived(calls, repo)
      if (found) {
        const at = new Date().toISOString()
        const { text, marker } = described(found.description)
        const name = nameInArchive(repo.name, at)
        const body = { name, description: describeAs({ text, marker, at, reason }) }
        await calls.send('PATCH', pathOf(repo), { body, scope })
        await calls.send('PATCH', pathOf({ owner: repo.owner, name }), { body: { archived: true }, scope })
      } else if (half) await calls.send('PATCH', pathOf(half), { body: { archived: true }, scope })
      await mirror.forget(repo)
    },
    async archived() {
      const all = await allRepositories(calls)
      const found = all.flatMap((one) => archivedView(one) ?? [])
      return found.toSorted((a, b) => (a.at < b.at ? -1 : 1))
    },
    async purge(id) {
      const [owner = '', name = '', ...rest] = id.split('/')
      if (rest.length > 0 || nameBeforeArchive(name) === undefined) return
      const found = await calls.repository({ owner, name })
      if (found?.archived) await calls.send('DELETE', pathOf({ owner, name }), { scope, accept: [404] })
    },
  }
}

// Merges are commits that the platform makes and Gitea is told of.
const settings = {
  allow_manual_merge: true,
  autodetect_manual_merge: false,
  has_wiki: false,
  has_projects: false,
  default_delete_branch_after_merge: false,
}

async function make(calls: GiteaCalls, repo: RepoRef, description: string): Promise<Repo> {
  const body = { name: repo.name, description, private: false, default_branch: defaultBranch, auto_init: false }
  const { status, text } = await calls.send('POST', `/orgs/${repo.owner}/repos`, { body, scope, accept: [409] })
  return status === 409 ? calls.needRepository(repo) : Repo.parse(JSON.parse(text))
}

function refuseOther(found: Repo, marker: string): void {
  if (described(found.description).marker === marker) return
  const name = repoName({ owner: found.owner.login, name: found.name })
  throw new PlatformError('NAME_TAKEN', `A repository ${name} exists already.`, { hint: 'choose another name' })
}

/** One that was renamed for the archive and not closed any more. */
async function halfArchived(calls: GiteaCalls, { owner, name }: RepoRef): Promise<RepoRef | undefined> {
  const repos = await calls.all(`/orgs/${owner}/repos`, Repo, { scope }).catch(() => [])
  const half = repos.find((one) => !one.archived && nameBeforeArchive(one.name) === name)
  return half && { owner, name: half.name }
}

/** Those that the platform's user is a member of. */
export async function ownOrganisations(calls: GiteaCalls): Promise<string[]> {
  const found = await calls.all('/user/orgs', Organisation, { scope: `${scopes.user} and ${scopes.organization}` })
  return found.map(({ username }) => username)
}

async function allRepositories(calls: GiteaCalls): Promise<Repo[]> {
  const orgs = await ownOrganisations(calls)
  const found = await Promise.all(orgs.map((owner) => calls.all(`/orgs/${owner}/repos`, Repo, { scope })))
  return found.flat().filter((one) => !isRecordsRepo({ owner: one.owner.login, name: one.name }))
}

function viewOf(found: Repo): Repository {
  const { text, marker } = described(found.description)
  return {
    repo: { owner: found.owner.login.toLowerCase(), name: found.name.toLowerCase() },
    description: text,
    defaultBranch: found.default_branch,
    marker,
    archived: found.archived,
    createdAt: new Date(found.created_at).toISOString(),
  }
}

function archivedView(found: Repo): ArchivedRepository | undefined {
  const name = nameBeforeArchive(found.name)
  const { marker, at, reason = '' } = described(found.description)
  if (name === undefined || at === undefined || !found.archived) return undefined
  const owner = found.owner.login.toLowerCase()
  return { id: `${owner}/${found.name}`, repo: { owner, name }, marker, at, reason }
}
