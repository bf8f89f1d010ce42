import { createHash, timingSafeEqual } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'
import type { PushCommand } from '#lib/git/push-commands.ts'
import { tidyRepository } from '#lib/git/tidy.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { GitHost, GitHostEvent } from '#ports/git-host.ts'
import { changeStore } from './change-store.ts'
import { type ChangeParts, localChanges, openChanges } from './changes.ts'
import { localDisk, sameRepo } from './disk.ts'
import { localFiles } from './files.ts'
import { localRepositories } from './repositories.ts'
import { gitRoutes, type RouteParts } from './routes.ts'
import { serialByRepository } from './serial.ts'
import { type GitActor, type LocalGitHostOptions, platformUser } from './settings.ts'

export interface LocalGitHost extends GitHost {
  /** Git over HTTP; main mounts it at `/git`. */
  readonly routes: FastifyPluginAsync
  /** Packs what has piled up; main calls it now and then. Nothing is thrown away. */
  tidy(): Promise<void>
}

/** Bare repositories in a folder, `git http-backend`, change requests under refs/changes. For one machine. */
export function localGitHost(options: LocalGitHostOptions): LocalGitHost {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  const disk = localDisk(options.folder)
  const store = changeStore(disk, options.db)
  const listeners = new Set<(event: GitHostEvent) => void>()
  const emit = (event: GitHostEvent) => {
    for (const listener of listeners) quietly(() => listener(event))
  }
  const parts: ChangeParts = { disk, db: options.db, store, serial: serialByRepository(), emit, signer: options.signer }
  return {
    can: { pushEvents: true, archive: true, ownRefusals: true },
    repositories: localRepositories(disk, { onArchive: () => store.rebuild(parts.serial) }),
    files: localFiles(disk),
    changes: localChanges(parts),
    async remote(repo) {
      const url = addressOf(internalUrl(options), repo)
      return { url, username: platformUser, password: options.tokens.platform, loopback: true }
    },
    cloneUrl: (repo) => addressOf(options.baseUrl, repo),
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    routes: gitRoutes({
      disk,
      maxPushBytes: options.maxPushBytes ?? 256 * 1024 * 1024,
      who: whoAsks(options),
      moved: (repo, commands, actor) => afterPush(parts, repo, { commands, actor }),
    }),
    rebuildIndex: () => store.rebuild(parts.serial),
    async tidy() {
      for (const repo of await disk.list()) await tidyRepository(await disk.need(repo))
    },
  }
}

function whoAsks({ tokens, authorize }: LocalGitHostOptions): RouteParts['who'] {
  return async (credential, repo, access) => {
    if (credential.username === platformUser)
      return isSame(credential.password, tokens.platform)
        ? { actor: platformUser, teams: [], platform: true }
        : 'unauthenticated'
    return authorize(credential, repo, access)
  }
}

/** Brings change requests up to date and tells listeners; a database that is away delays the index, not the push. */
async function afterPush(
  parts: ChangeParts,
  repo: RepoRef,
  { commands, actor }: { commands: readonly PushCommand[]; actor: GitActor },
): Promise<void> {
  const branches = new Set(commands.map(({ ref }) => ref.replace('refs/heads/', '')))
  try {
    await parts.serial(repo, async () => {
      for (const change of await openChanges(parts, repo))
        if (branches.has(change.head) || branches.has(change.base)) await parts.store.refresh(repo, change.number)
    })
  } catch {
    parts.store.doubt(repo)
  }
  for (const { ref, before, after } of commands)
    parts.emit({ type: 'push', repo: sameRepo(repo), ref, before, after, actor: actor.actor })
}

function internalUrl({ internalUrl: given, baseUrl }: LocalGitHostOptions): string {
  if (given !== undefined) return typeof given === 'string' ? given : given()
  const url = new URL(baseUrl)
  url.hostname = '127.0.0.1' // `localhost` may mean ::1, where nothing listens
  return url.origin
}

function addressOf(base: string, repo: RepoRef): string {
  return `${base.replace(/\/$/, '')}/git/${repoName(sameRepo(repo))}.git`
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // a listener's failure is its own; the push has happened
  }
}
