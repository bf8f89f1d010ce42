import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { codeOf } from '#errors/platform-error.ts'
import type { GitRepository } from '#lib/git/run-git.ts'
import { Name, type RepoRef } from '#model/names.ts'
import type { Disk } from './disk.ts'
import { type Exchange, receivePush, serveRead } from './exchange.ts'
import type { GitActor, GitCredential } from './settings.ts'

export interface RouteParts {
  readonly disk: Disk
  readonly maxPushBytes: number
  who(
    credential: GitCredential,
    repo: RepoRef,
    access: 'read' | 'write',
  ): Promise<GitActor | 'unauthenticated' | 'forbidden'>
  moved: Exchange['moved']
}

type Service = 'git-upload-pack' | 'git-receive-pack'

/** Git over HTTP under `/:owner/:name.git`. Who is asking is settled for exactly one repository before any process starts. */
export function gitRoutes(parts: RouteParts): FastifyPluginAsync {
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload)) // bodies stay streams
    app.setNotFoundHandler((_request, reply) => notFound(reply))
    app.get('/:owner/:file/info/refs', { exposeHeadRoute: false }, async (request, reply) => {
      const { service } = request.query as { service?: unknown }
      if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return notFound(reply)
      const exchange = await admit(parts, request, { reply, service })
      return exchange && serveRead({ ...exchange, phase: 'advertise' })
    })
    app.post('/:owner/:file/git-upload-pack', async (request, reply) => {
      const exchange = await admit(parts, request, { reply, service: 'git-upload-pack' })
      return exchange && serveRead({ ...exchange, phase: 'exchange' })
    })
    app.post('/:owner/:file/git-receive-pack', async (request, reply) => {
      const exchange = await admit(parts, request, { reply, service: 'git-receive-pack' })
      return exchange && receivePush(exchange)
    })
  }
}

async function admit(
  parts: RouteParts,
  request: FastifyRequest,
  { reply, service }: { reply: FastifyReply; service: Service },
): Promise<Exchange | undefined> {
  const expected = `application/x-${service}-request`
  if (request.method === 'POST' && request.headers['content-type'] !== expected) {
    await refuse(reply, { status: 415, text: `Send ${expected}.` })
    return undefined
  }
  const credential = credentialOf(request)
  if (!credential) return void (await unauthenticated(reply))
  const name = repoOf(request.params as { owner: string; file: string })
  if (!name) return void (await notFound(reply))
  const access = service === 'git-receive-pack' ? 'write' : 'read'
  const actor = await parts.who(credential, name, access)
  if (actor === 'unauthenticated') return void (await unauthenticated(reply))
  if (actor === 'forbidden') {
    await forbidden(parts, reply, { credential, name, access })
    return undefined
  }
  const repo = await findRepository(parts.disk, name)
  if (!repo) return void (await notFound(reply))
  return {
    request,
    reply,
    service,
    name,
    repo,
    actor,
    disk: parts.disk,
    maxPushBytes: parts.maxPushBytes,
    moved: parts.moved,
  }
}

function credentialOf(request: FastifyRequest): GitCredential | undefined {
  const found = /^Basic ([A-Za-z0-9+/=]{1,4000})$/i.exec(request.headers.authorization ?? '')
  const text = Buffer.from(found?.[1] ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

function repoOf({ owner, file }: { owner: string; file: string }): RepoRef | undefined {
  const name = { owner: owner.toLowerCase(), name: file.toLowerCase().replace(/\.git$/, '') }
  return Name.safeParse(name.owner).success && Name.safeParse(name.name).success ? name : undefined
}

async function findRepository(disk: Disk, name: RepoRef): Promise<GitRepository | undefined> {
  try {
    return await disk.open(name)
  } catch (error) {
    if (codeOf(error) === 'NAME_INVALID') return undefined
    throw error
  }
}

/** Who may read learns why writing is refused; for everybody else the repository does not exist. */
async function forbidden(
  { who, disk }: RouteParts,
  reply: FastifyReply,
  { credential, name, access }: { credential: GitCredential; name: RepoRef; access: 'read' | 'write' },
): Promise<void> {
  const reader = access === 'write' ? await who(credential, name, 'read') : 'forbidden'
  if (typeof reader === 'string' || !(await findRepository(disk, name))) return void (await notFound(reply))
  await refuse(reply, {
    status: 403,
    text: `NOT_ALLOWED: ${reader.actor} may read ${name.owner}/${name.name} but not push to it.`,
  })
}

function unauthenticated(reply: FastifyReply): FastifyReply {
  reply.header('www-authenticate', 'Basic realm="Fairway", charset="UTF-8"')
  return refuse(reply, { status: 401, text: 'NOT_SIGNED_IN: sign in with: fairway login --as NAME' })
}

function notFound(reply: FastifyReply): FastifyReply {
  return refuse(reply, { status: 404, text: 'REPOSITORY_UNKNOWN: no such repository, or you may not see it.' })
}

function refuse(reply: FastifyReply, { status, text }: { status: number; text: string }): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(`${text}\n`)
}
