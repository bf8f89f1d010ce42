import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import type { CommitSigner } from '#lib/git/commit-signature.ts'
import { serialByKey } from '#lib/serial.ts'
import type { HostChange } from '#model/change-request.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { Changes, GitHostEvent, GitRemote } from '#ports/git-host.ts'
import { pathOf, scopes } from './calls.ts'
import type { ChangeRecord, ChangeRecords } from './change-records.ts'
import { mergePull } from './merge-pull.ts'
import { checkedRepo, nameBeforeArchive } from './names.ts'
import { ownOrganisations } from './repositories.ts'
import { Pull } from './schema.ts'
import { contextOf, platformName, viewOf, type ViewParts } from './view-change.ts'

export interface ChangeParts extends ViewParts {
  readonly records: ChangeRecords
  readonly signer: CommitSigner | undefined
  remote(repo: RepoRef): Promise<GitRemote>
  emit(event: GitHostEvent): void
}

const scope = scopes.repository

/** Change requests are pull requests; the platform makes the merge itself and tells Gitea which commit it is. */
export function giteaChanges(parts: ChangeParts): Changes {
  const { calls, records, mirror, emit } = parts
  const serial = serialByKey()
  const inTurn = <T>(given: RepoRef, work: (repo: RepoRef) => Promise<T>) => {
    const repo = checkedRepo(given)
    return serial(repoName(repo), () => work(repo))
  }
  const told = (change: HostChange): HostChange => {
    emit({ type: 'change', repo: change.repo, number: change.number })
    return change
  }
  const pulls = changeReader(parts)
  return {
    propose: (request) => inTurn(request.repo, async (repo) => told(await propose(parts, { ...request, repo }))),
    find: (repo, number) => pulls.find(checkedRepo(repo), number),
    async findByHead(given, head) {
      const repo = checkedRepo(given)
      const { id } = await calls.needRepository(repo)
      const known = [...(await records.of(id)).values()].filter((one) => one.head === head)
      const open = (await openPulls(parts, repo)).filter((pull) => pull.head.ref === head)
      const number = Math.max(0, ...known.map((one) => one.number), ...open.map((one) => one.number))
      return number === 0 ? undefined : pulls.find(repo, number)
    },
    list: (filter) => pulls.list({ ...filter, ...(filter.repo && { repo: checkedRepo(filter.repo) }) }),
    review: (given, number, approval) =>
      inTurn(given, async (repo) => {
        const open = openOnly(await pulls.need(repo, number))
        const { id } = await calls.needRepository(repo)
        await records.write({ repository: id, number }, (known = recordOf(open)) => {
          const others = known.approvals.filter((one) => one.by !== approval.by || one.tree !== approval.tree)
          return { ...known, approvals: [...others, approval] }
        })
        return told(await pulls.need(repo, number))
      }),
    async check(given, commit, { name, state, summary, link }) {
      const repo = checkedRepo(given)
      const id = await mirror.tip(repo, commit)
      if (!id) throw new PlatformError('GIT_REF_INVALID', `The repository has no commit ${commit.slice(0, 60)}.`)
      const target = link === undefined ? {} : { target_url: `${parts.portalUrl}${link}` }
      const body = { context: contextOf(name), state, description: summary, ...target }
      await calls.send('POST', `${pathOf(repo)}/statuses/${id}`, { body, scope })
      for (const pull of await openPulls(parts, repo))
        if (pull.head.sha === id) emit({ type: 'change', repo, number: pull.number })
    },
    merge: (request) => inTurn(request.repo, async (repo) => told(await mergePull(parts, { ...request, repo }, pulls))),
    close: (given, number, reason) =>
      inTurn(given, async (repo) => {
        const change = await pulls.need(repo, number)
        if (change.state !== 'open') return
        await calls.send('PATCH', `${pathOf(repo)}/pulls/${number}`, { body: { state: 'closed' }, scope })
        const { id } = await calls.needRepository(repo)
        const ended: HostChange = { ...change, state: 'closed' }
        await records.write({ repository: id, number }, (known = recordOf(change)) => ({ ...known, reason, ended }))
        told(ended)
      }),
  }
}

export type ChangeReader = ReturnType<typeof changeReader>

function changeReader(parts: ChangeParts) {
  const { calls, records } = parts
  const view = async (repo: RepoRef, pull: Pull, record: ChangeRecord | undefined) =>
    record?.ended ?? viewOf(parts, { repo, pull, record })
  const reader = {
    async find(repo: RepoRef, number: number): Promise<HostChange | undefined> {
      const { id } = await calls.needRepository(repo)
      const record = (await records.of(id)).get(number)
      if (record?.ended) return record.ended
      const pull = await calls.find(`${pathOf(repo)}/pulls/${number}`, { schema: Pull, scope })
      return pull && view(repo, pull, record)
    },
    async need(repo: RepoRef, number: number): Promise<HostChange> {
      const found = await reader.find(repo, number)
      if (found) return found
      throw new PlatformError('CHANGE_UNKNOWN', `${repoName(repo)} has no change request ${number}.`)
    },
    async list({ repo, state, limit }: Parameters<Changes['list']>[0]): Promise<HostChange[]> {
      const found = repo ? await reader.ofRepository(repo, { state, limit }) : await reader.everywhere(state)
      return found
        .filter((change) => state === undefined || change.state === state)
        .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt) || b.number - a.number)
        .slice(0, limit)
    },
    async ofRepository(repo: RepoRef, { state, limit }: { state: HostChange['state'] | undefined; limit: number }) {
      const { id } = await calls.needRepository(repo)
      const known = await records.of(id)
      const asked = state === undefined ? 'all' : state === 'open' ? 'open' : 'closed'
      const most = state === undefined || state === 'open' ? limit : 1000
      const all = await calls.all(`${pathOf(repo)}/pulls`, Pull, { query: { state: asked }, scope, most })
      return Promise.all(all.map((pull) => view(repo, pull, known.get(pull.number))))
    },
    /** What the records know, and every open one of a repository that the platform made. */
    async everywhere(state: HostChange['state'] | undefined): Promise<HostChange[]> {
      const ended = state === 'open' ? [] : (await records.all()).flatMap((record) => record.ended ?? [])
      if (state === 'merged' || state === 'closed') return ended
      const query = { type: 'pulls', state: 'open' }
      const found = await calls.all('/repos/issues/search', FoundPull, { query, scope: scopes.issue, most: 1000 })
      const owners = new Set((await ownOrganisations(calls)).map((owner) => owner.toLowerCase()))
      const places = found
        .map(({ number, repository }) => ({ number, ...repository }))
        .filter(({ owner, name }) => owners.has(owner) && nameBeforeArchive(name) === undefined)
      const open = places.map(({ number, owner, name }) => reader.find({ owner, name }, number).catch(gone))
      return [...ended, ...(await Promise.all(open)).filter((change) => change !== undefined)]
    },
  }
  return reader
}

const FoundPull = z.object({
  number: z.int(),
  repository: z.object({ owner: z.string().toLowerCase(), name: z.string().toLowerCase() }),
})

/** One that vanished, or was archived, between two questions. */
function gone(error: unknown): undefined {
  if ((error as { code?: string }).code === 'REPOSITORY_UNKNOWN') return undefined
  throw error
}

export function openPulls({ calls }: Pick<ChangeParts, 'calls'>, repo: RepoRef): Promise<Pull[]> {
  return calls.all(`${pathOf(repo)}/pulls`, Pull, { query: { state: 'open' }, scope, most: 2000 })
}

export function openOnly(change: HostChange): HostChange {
  if (change.state === 'open') return change
  throw new PlatformError('CHANGE_CLOSED', `Change request ${change.number} is ${change.state} already.`)
}

/** For one that was opened on Gitea itself: its key is its branch, as for one that a person opens here. */
export function recordOf(change: HostChange): ChangeRecord {
  const { repo, number, author, head } = change
  return { repo, number, key: head, author, head, approvals: [] }
}

async function propose(parts: ChangeParts, request: Parameters<Changes['propose']>[0]): Promise<HostChange> {
  const { calls, records } = parts
  const { repo, key, head, base, author } = request
  const { id } = await calls.needRepository(repo)
  const known = [...(await records.of(id)).values()].find((one) => one.key === key)
  const pulls = changeReader(parts)
  if (known) return pulls.need(repo, known.number)
  if (head === base) throw new PlatformError('GIT_REF_INVALID', 'A branch cannot be merged into itself.')
  for (const branch of [head, base])
    if (!(await parts.mirror.tip(repo, `refs/heads/${branch}`)))
      throw new PlatformError('GIT_REF_INVALID', `There is no branch ${branch}.`, { hint: 'push it first' })
  const body = { title: request.title.slice(0, 250), body: request.description, head, base }
  const { status, text } = await calls.send('POST', `${pathOf(repo)}/pulls`, { body, scope, accept: [409] })
  // 409: it is open already, perhaps because an answer was lost.
  const open = (await openPulls(parts, repo)).find((pull) => pull.head.ref === head && pull.base.ref === base)
  const pull = status === 409 ? open : Pull.parse(JSON.parse(text))
  if (!pull) throw new PlatformError('CONFLICT', `Gitea opens no pull request for ${head}: ${text.slice(0, 200)}`)
  const { login } = await calls.self()
  const by = pull.user.login === login ? author : pull.user.login.toLowerCase()
  await records.write(
    { repository: id, number: pull.number },
    (one) => one ?? { repo, number: pull.number, key, author: by || platformName, head, approvals: [] },
  )
  return pulls.need(repo, pull.number)
}
