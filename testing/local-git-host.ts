import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { type LocalGitHost, localGitHost } from '../src/adapters/git-host/local/local.ts'
import type { AuthorizeGit, LocalGitHostOptions } from '../src/adapters/git-host/local/settings.ts'
import type { RepoRef } from '../src/model/names.ts'
import type { GitRemote } from '../src/ports/git-host.ts'
import { testDatabase } from './database.ts'
import type { Hooks } from './last-first.ts'

export interface StartedGitHost {
  readonly host: LocalGitHost
  readonly app: FastifyInstance
  readonly folder: string
  readonly origin: string
  readonly options: LocalGitHostOptions
  /** How a person reaches a repository; the password of everybody is `secret`. */
  remoteOf(person: string, repo: RepoRef): GitRemote
}

/** The embedded Git host behind a real HTTP server on a free port, with the people of team-a and an outsider. */
export async function startLocalGitHost(t: Hooks, more: Partial<LocalGitHostOptions> = {}): Promise<StartedGitHost> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-git-host-'))
  const { db } = await testDatabase(t)
  const tokens = { platform: randomBytes(24).toString('hex') }
  let origin = 'http://127.0.0.1:1'
  const options = {
    folder,
    db,
    tokens,
    authorize: demoPeople,
    baseUrl: 'http://localhost:7007',
    internalUrl: () => origin,
    ...more,
  }
  const host = localGitHost(options)
  const app = fastify({ forceCloseConnections: true })
  await app.register(host.routes, { prefix: '/git' })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  })
  const remoteOf = (username: string, { owner, name }: RepoRef) => ({
    url: `${origin}/git/${owner}/${name}.git`,
    username,
    password: 'secret',
    loopback: true,
  })
  return { host, app, folder, origin, options, remoteOf }
}

/** dev and dev2 are team-a; outsider may write there too, as a guest; reader only reads; nobody else sees anything. */
const demoPeople: AuthorizeGit = async ({ username, password }, repo, access) => {
  const teams = people[username]
  if (!teams || password !== 'secret') return 'unauthenticated'
  const isAllowed = repo.owner === 'team-a' && (access === 'read' || username !== 'reader')
  return isAllowed ? { actor: username, teams, platform: false } : 'forbidden'
}

const people: Record<string, readonly string[] | undefined> = {
  dev: ['team-a'],
  dev2: ['team-a'],
  outsider: ['team-b'],
  reader: ['team-a'],
}
