import type { FastifyPluginAsync } from 'fastify'
import { codeOf } from '#errors/platform-error.ts'
import { readCredential } from '#lib/credential.ts'
import type { CommitSigner } from '#lib/git/commit-signature.ts'
import { fileReader } from '#lib/git/read-files.ts'
import type { HttpClientOptions } from '#lib/http/http-client.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { GitHost, GitHostEvent, GitRemote } from '#ports/git-host.ts'
import { giteaCalls } from './calls.ts'
import { changeRecords } from './change-records.ts'
import { giteaChanges } from './changes.ts'
import { hintTaker } from './hints.ts'
import { hookRoutes } from './hook-routes.ts'
import { ensureHook } from './hooks.ts'
import { giteaMirror } from './mirror.ts'
import { checkedRepo } from './names.ts'
import type { GiteaOptions } from './options.ts'
import { giteaRepositories } from './repositories.ts'
import { giteaTeams } from './teams.ts'

export interface GiteaNeeds {
  /** A folder that may be emptied between two starts. */
  readonly scratch: string
  readonly portalUrl: string
  /** Signs merges and records as the platform. */
  readonly signer?: CommitSigner | undefined
  /** Names of a team's people; undefined for a team that the platform does not know. */
  membersOf(team: string): Promise<readonly string[] | undefined>
  /** Whether a sender's marks were brought before; remembers them, in every replica. */
  seenBefore(sender: string, marks: readonly string[]): Promise<boolean>
  failed(error: unknown): void
  readonly http?: Partial<HttpClientOptions>
}

export interface GiteaHost {
  readonly host: GitHost
  /** Takes `POST /gitea`; main mounts it at `/hooks`. */
  readonly routes: FastifyPluginAsync
  /** Resolves when every hook that was taken has been looked into. */
  settled(): Promise<unknown>
}

/** Gitea and Forgejo, whose API is the same. docs/adapters/gitea.md says what they do not do. */
export function gitea(options: GiteaOptions, needs: GiteaNeeds): GiteaHost {
  const { scratch, portalUrl, signer, membersOf, failed } = needs
  const calls = giteaCalls(options, needs.http)
  const listeners = new Set<(event: GitHostEvent) => void>()
  const emit = (event: GitHostEvent) => {
    for (const listener of listeners) quietly(() => listener(event), failed)
  }
  const urlOf = (repo: RepoRef) => `${options.url.replace(/\/$/, '')}/${repoName(checkedRepo(repo))}.git`
  const loopback = new URL(options.url).protocol === 'http:'
  const remoteWith = async (repo: RepoRef, token: typeof options.token): Promise<GitRemote> => ({
    url: urlOf(repo),
    username: (await calls.self()).login,
    password: await readCredential(token),
    loopback,
  })
  const remote = (repo: RepoRef) => remoteWith(repo, options.token)
  const hookUrl = `${(options.hookUrl ?? portalUrl).replace(/\/$/, '')}/hooks/gitea`
  const onOrganisation = async (owner: string) =>
    ensureHook(calls, { owner, url: hookUrl, secret: await readCredential(options.hookSecret) })
  const teams = giteaTeams({ calls, membersOf, onOrganisation })
  const mirror = giteaMirror({ folder: scratch, calls, remote })
  const records = changeRecords({ calls, teams, mirror, signer, remote })
  const hints = hintTaker({ calls, mirror, emit, failed })
  const host: GitHost = {
    can: { pushEvents: true, archive: true, ownRefusals: false },
    repositories: giteaRepositories({ calls, teams, mirror }),
    files: {
      resolve: (repo, ref) => mirror.tip(checkedRepo(repo), ref),
      ...fileReader<RepoRef>((repo, ref) => mirror.locate(checkedRepo(repo), ref)),
    },
    changes: giteaChanges({ calls, mirror, portalUrl, records, signer, remote, emit }),
    remote,
    ...(options.readToken && { readRemote: (repo: RepoRef) => remoteWith(repo, options.readToken ?? options.token) }),
    cloneUrl: urlOf,
    rebuildIndex: async () => {},
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const routes = hookRoutes({
    secret: () => readCredential(options.hookSecret),
    // Without it none is changed any more: the operator took it away.
    previousSecret: async () => options.previousHookSecret && readCredential(options.previousHookSecret).catch(absent),
    outdated: (owner) => void onOrganisation(owner).catch(failed),
    seenBefore: (marks) => needs.seenBefore('gitea', marks),
    take: hints.take,
  })
  return { host, routes, settled: hints.settled }
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'CREDENTIAL_MISSING') throw error
}

function quietly(work: () => void, failed: (error: unknown) => void): void {
  try {
    work()
  } catch (error) {
    failed(error) // a listener's failure is its own; what it was told has happened
  }
}
