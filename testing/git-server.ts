import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { commitTree } from '#lib/git/commits.ts'
import { startHttpBackend } from '#lib/git/http-backend.ts'
import type { RemoteAccess } from '#lib/git/remote.ts'
import { initBare } from '#lib/git/repository.ts'
import { type GitRepository, runGit } from '#lib/git/run-git.ts'
import { writeTree } from '#lib/git/trees.ts'

export interface GitServer {
  readonly remote: RemoteAccess
  /** The repository behind the server, for tests that need more than one history. */
  readonly repo: GitRepository
  /** Stores a commit of exactly these files and points `main` at it. */
  commit(files: Readonly<Record<string, string>>): Promise<string>
  /** From now on nobody reaches it. */
  stop(): void
}

/** One real repository behind `git http-backend` with a password; read-only over HTTP. */
export async function startGitServer(t: Pick<TestContext, 'after'>): Promise<GitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-git-server-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const repo = await initBare(join(folder, 'repo.git'))
  const password = 'platform-canary-password'
  const expected = `Basic ${Buffer.from(`platform:${password}`).toString('base64')}`
  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== expected)
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    const advertise = request.method === 'GET'
    const backend = startHttpBackend({
      repository: repo.dir,
      service: 'git-upload-pack',
      phase: advertise ? 'advertise' : 'exchange',
      contentType: request.headers['content-type'],
      contentLength: request.headers['content-length'],
      contentEncoding: request.headers['content-encoding'],
      protocol: String(request.headers['git-protocol'] ?? ''),
      user: 'platform',
    } as Parameters<typeof startHttpBackend>[0])
    request.pipe(backend.input)
    const { status, headers, body } = await backend.reply
    response.writeHead(status, headers)
    return body.pipe(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/team-a/shop.git`
  const author = { name: 'dev', email: 'dev@example.org' }
  return {
    remote: { url, username: 'platform', password, loopback: true },
    repo,
    stop() {
      server.close()
      server.closeAllConnections()
    },
    async commit(files) {
      const tree = await writeTree(
        repo,
        Object.entries(files).map(([path, content]) => ({ path, content })),
      )
      const commit = await commitTree(repo, { tree, parents: [], message: 'state', author, at: '2026-01-02T03:04:05Z' })
      await runGit(repo, ['update-ref', 'refs/heads/main', commit])
      return commit
    },
  }
}
