import { z } from 'zod'
import { readCredential } from '#lib/credential.ts'
import { type HttpClient, httpClient, type HttpClientOptions, type HttpRequest } from '#lib/http/http-client.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { GiteaOptions } from './options.ts'
import { Branch, Repo, User } from './schema.ts'

/** Gitea's API as the platform's own user. */
export interface GiteaCalls extends HttpClient {
  /** Who the token belongs to; asked once. */
  self(): Promise<z.infer<typeof User>>
  /** Undefined when absent, or when the name only leads to a renamed one. */
  repository(repo: RepoRef): Promise<z.infer<typeof Repo> | undefined>
  needRepository(repo: RepoRef): Promise<z.infer<typeof Repo>>
  /** The commit a branch has now; not known while Gitea cannot say, as for a moment after the first push. */
  branch(repo: RepoRef, branch: string): Promise<{ known: boolean; commit?: string }>
  /** All pages, up to `most` items. */
  all<T>(path: string, schema: z.ZodType<T>, request?: HttpRequest & { most?: number }): Promise<T[]>
}

export const scopes = {
  repository: 'write:repository',
  organization: 'write:organization',
  user: 'read:user',
  /** To find open pull requests of all repositories at once. */
  issue: 'read:issue',
} as const

// Names of the API: a renamed repository answers with one of these.
const redirects = [301, 302, 307, 308]
const pageSize = 50

export function giteaCalls(options: GiteaOptions, more: Partial<HttpClientOptions> = {}): GiteaCalls {
  const http = httpClient({
    product: 'Gitea',
    baseUrl: `${options.url.replace(/\/$/, '')}/api/v1`,
    headers: async () => ({ authorization: `token ${await readCredential(options.token)}` }),
    ...more,
  })
  let self: Promise<z.infer<typeof User>> | undefined
  const optional = async <T>(path: string, schema: z.ZodType<T>) => {
    const scope = scopes.repository
    const { status, text } = await http.send('GET', path, { accept: [404, ...redirects], scope })
    return status === 200 ? schema.parse(JSON.parse(text)) : undefined
  }
  const calls: GiteaCalls = {
    ...http,
    self: () =>
      (self ??= http.json('GET', '/user', { schema: User, scope: scopes.user }).catch((error: unknown) => {
        self = undefined
        throw error
      })),
    repository: (repo) => optional(pathOf(repo), Repo),
    async needRepository(repo) {
      const found = await calls.repository(repo)
      if (found) return found
      throw new PlatformError('REPOSITORY_UNKNOWN', `There is no repository ${repoName(repo)}.`)
    },
    async branch(repo, branch) {
      const path = `${pathOf(repo)}/branches/${encodeURI(branch)}`
      const { status, text } = await http.send('GET', path, {
        accept: [404, 500, ...redirects],
        scope: scopes.repository,
      })
      if (status === 500) return { known: false } // its handler falls over a repository whose first push it has not noticed yet
      return { known: true, ...(status === 200 && { commit: Branch.parse(JSON.parse(text)).commit.id }) }
    },
    async all(path, schema, { most = 5000, ...request } = {}) {
      const found = []
      for (let page = 1; found.length < most; page++) {
        const query = { ...request.query, page, limit: pageSize }
        const items = await http.json('GET', path, { ...request, query, schema: z.array(schema) })
        found.push(...items)
        if (items.length < pageSize) break
      }
      return found.slice(0, most)
    },
  }
  return calls
}

/** `/repos/owner/name`. */
export function pathOf({ owner, name }: RepoRef): string {
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
}
