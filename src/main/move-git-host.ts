import { userInfo } from 'node:os'
import { PlatformError } from '#errors/platform-error.ts'
import { fetchRefs, pushRefs, remoteRefs } from '#lib/git/remote.ts'
import { productOf } from '#model/adapters.ts'
import { deliveryRepo, platformRepo, type RepoRef, repoName } from '#model/names.ts'
import type { GitHost, Repository } from '#ports/git-host.ts'
import { appendAudit } from '#store/audit.ts'
import { listServices } from '#store/service.ts'
import type { Platform } from '#workflows/platform.ts'
import { openStartFile, readStartFile } from './start-file.ts'
import { openStopped, withStoppedPlatform } from './stopped-platform.ts'

export interface MovedRepositories {
  readonly from: string
  readonly to: string
  readonly repositories: readonly { readonly name: string; readonly branches: number }[]
}

/**
 * Copies branches and tags of the platform's repositories to the Git host that another start-up file names; the old host keeps its
 * own. Ended change requests and archived repositories stay there. CONFLICT while a change request is open. Repeating
 * copies what is new; a branch that the other host has further along is refused, not overwritten.
 */
export async function moveGitHost(asked: {
  dataFolder: string
  file: string
  dryRun: boolean
}): Promise<MovedRepositories> {
  const [from, to] = [await readStartFile(), await openStartFile(asked.file)]
  const databaseUrl = process.env['FAIRWAY_DATABASE_URL']
  return withStoppedPlatform({ dataFolder: asked.dataFolder, databaseUrl, startFile: from }, async (source, place) => {
    const undo: (() => unknown)[] = []
    try {
      const own = await ownRepositories(source)
      await refuseOpen(source.ports.gitHost, own)
      const target = (await openStopped({ ...place, startFile: to }, undo)).platform
      const repositories: { name: string; branches: number }[] = []
      for (const repository of await source.ports.gitHost.repositories.list())
        if (own.has(repoName(repository.repo)))
          repositories.push(await copy({ source, target, repository, dryRun: asked.dryRun }))
      const moved = { from: productOf(from.adapters.gitHost), to: productOf(to.adapters.gitHost), repositories }
      if (!asked.dryRun) await note(source, moved)
      return moved
    } finally {
      for (const act of undo.toReversed()) await act()
    }
  })
}

/** A Git host may hold repositories of others, too: those are not ours to move. */
async function ownRepositories({ db }: Platform): Promise<ReadonlySet<string>> {
  const services = (await listServices(db)).map(({ owner, name }) => repoName({ owner, name }))
  return new Set([repoName(platformRepo), repoName(deliveryRepo), ...services])
}

async function refuseOpen(host: GitHost, own: ReadonlySet<string>): Promise<void> {
  const found = await host.changes.list({ state: 'open', limit: 500 })
  const open = found.find(({ repo }) => own.has(repoName(repo)))
  if (!open) return
  throw new PlatformError(
    'CONFLICT',
    `${repoName(open.repo)}#${open.number} is open, and change requests do not move`,
    {
      hint: 'merge or close what is open first: fairway change list --state open',
    },
  )
}

async function copy(job: {
  source: Platform
  target: Platform
  repository: Repository
  dryRun: boolean
}): Promise<{ name: string; branches: number }> {
  const { source, target, repository, dryRun } = job
  const { repo, description, marker = 'moved' } = repository
  const objects = { dir: source.objects }
  const remote = await source.ports.gitHost.remote(repo)
  const refs = [...(await remoteRefs(objects, remote, []))].filter(([ref]) => /^refs\/(heads|tags)\/[^^]+$/.test(ref))
  const moved = { name: repoName(repo), branches: refs.length }
  if (dryRun || refs.length === 0) return moved
  const here = (ref: string) => `refs/fairway/move/${repoName(repo)}/${ref.slice('refs/'.length)}`
  await fetchRefs(
    objects,
    remote,
    refs.map(([ref]) => ({ from: ref, to: here(ref) })),
  )
  const { repositories, remote: remoteOf } = target.ports.gitHost
  await repositories.create({ repo, description, marker, teams: isOurs(repo) ? [] : [repo.owner] })
  const there = await remoteRefs(objects, await remoteOf(repo), [])
  const wanted = refs.filter(([ref, id]) => there.get(ref) !== id)
  const pushed = wanted.map(([ref, commit]) => ({ commit, to: ref }))
  if (pushed.length > 0) await pushRefs(objects, await remoteOf(repo), pushed)
  if (!isOurs(repo)) await protect(source, target, repo) // ours are protected at the next start
  return moved
}

async function protect(source: Platform, target: Platform, repo: RepoRef): Promise<void> {
  const { serviceReview } = (await source.settings()).platform.spec
  await target.ports.gitHost.repositories.protect(repo, {
    pushBy: serviceReview === 'one' ? 'change' : 'team',
    teams: [repo.owner],
    refusal: 'main takes reviewed changes only: push a branch, then open a change request',
  })
}

function isOurs(repo: RepoRef): boolean {
  return [platformRepo, deliveryRepo].some((ours) => repoName(ours) === repoName(repo))
}

async function note({ db }: Platform, { from, to, repositories }: MovedRepositories): Promise<void> {
  await appendAudit(db, {
    actor: `operator:${userInfo().username}`,
    action: 'platform.move-git-host',
    object: 'platform:git-host',
    phase: 'act',
    result: 'ok',
    detail: { from, to, repositories: repositories.length },
  })
}
