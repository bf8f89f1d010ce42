import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import fastify from 'fastify'
import { type GiteaHost, gitea, type GiteaNeeds } from '../src/adapters/git-host/gitea/gitea.ts'
import type { GiteaOptions } from '../src/adapters/git-host/gitea/options.ts'
import type { RepoRef } from '../src/model/names.ts'
import type { GitRemote } from '../src/ports/git-host.ts'
import { kindOf, PlatformError } from '../src/errors/platform-error.ts'
import { commitSigner } from '../src/lib/git/commit-signature.ts'
import { freePort } from '#lib/free-port.ts'
import { labFacts } from './lab.ts'

export interface LabGitea {
  readonly gitea: GiteaHost
  readonly options: GiteaOptions
  readonly needs: GiteaNeeds
  /** Where its hooks arrive. */
  readonly hookUrl: string
  readonly hookSecret: string
  readonly failures: unknown[]
  remoteOf(person: string, repo: RepoRef): GitRemote
  /** Gitea's API as one of its people, or `admin`: `GET /path`. */
  api(person: string, request: string, body?: unknown): Promise<Response>
  close(): Promise<void>
}

export const labOwner = 'lab-git'

/** The adapter on the lab's Gitea, with its hooks received. Close it at the end: it takes its hook away. */
export async function labGitea(more: Partial<GiteaOptions> = {}, needs: Partial<GiteaNeeds> = {}): Promise<LabGitea> {
  const { facts } = await labFacts('gitea')
  const { url = '', tokenFile = '', adminTokenFile = '', passwordFile = '' } = facts
  const folder = await mkdtemp(join(tmpdir(), 'fairway-gitea-'))
  const hookSecret = randomBytes(24).toString('hex')
  const secretName = `FAIRWAY_LAB_HOOK_${randomBytes(6).toString('hex').toUpperCase()}`
  process.env[secretName] = hookSecret
  const seen = new Set<string>()
  const failures: unknown[] = []
  const password = (await readFile(passwordFile, 'utf8')).trim()
  const api = async (person: string, request: string, body?: unknown) => {
    const [method = '', path = ''] = request.split(' ')
    const authorization =
      person === 'admin'
        ? `token ${(await readFile(adminTokenFile, 'utf8')).trim()}`
        : `Basic ${Buffer.from(`${person}:${password}`).toString('base64')}`
    return fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }
  const hookApp = fastify({ forceCloseConnections: true })
  const given: GiteaNeeds = {
    scratch: join(folder, 'mirror'),
    portalUrl: 'http://localhost:7007',
    signer: commitSigner('lab'),
    membersOf: async (team) => ({ 'team-a': ['dev', 'dev2'] })[team],
    seenBefore: async (_, marks) => {
      const known = marks.some((mark) => seen.has(mark))
      for (const mark of marks) seen.add(mark)
      return known
    },
    failed: (error) => void failures.push(error),
    ...needs,
  }
  const port = await freePort()
  const hookUrl = `http://127.0.0.1:${port}`
  const options = { url, token: { fromFile: tokenFile }, hookSecret: { fromEnv: secretName }, hookUrl, ...more }
  const made = gitea(options, given)
  hookApp.setErrorHandler((error, _, reply) => {
    const { statusCode = 500 } = error as { statusCode?: number }
    return reply.code(error instanceof PlatformError ? kindOf(error).status : statusCode).send()
  })
  await hookApp.register(made.routes, { prefix: '/hooks' })
  await hookApp.listen({ host: '127.0.0.1', port })
  return {
    gitea: made,
    options,
    needs: given,
    hookUrl: `${hookUrl}/hooks/gitea`,
    hookSecret,
    failures,
    api,
    remoteOf: (username, { owner, name }) => ({
      url: `${url}/${owner}/${name}.git`,
      username,
      password,
      loopback: true,
    }),
    async close() {
      for (const owner of [labOwner, 'fairway']) {
        const hooks = (await (await api('admin', `GET /orgs/${owner}/hooks?limit=50`)).json()) as unknown
        for (const { id, config } of Array.isArray(hooks) ? hooks : [])
          if (config.url.startsWith(`${hookUrl}/hooks/gitea?`)) await api('admin', `DELETE /orgs/${owner}/hooks/${id}`)
      }
      await hookApp.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
