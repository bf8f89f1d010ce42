import { pipeline, type Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { codeOf } from '#errors/platform-error.ts'
import { type Backend, type BackendReply, type BackendRequest, startHttpBackend } from '#lib/git/http-backend.ts'
import {
  movedRefs,
  type PushCommand,
  type PushHead,
  readPushHead,
  refusePush,
  remoteMessage,
} from '#lib/git/push-commands.ts'
import type { GitRepository } from '#lib/git/run-git.ts'
import type { RepoRef } from '#model/names.ts'
import type { Disk } from './disk.ts'
import { defaultRef, isClosed, neverRewritten, pushFault } from './push-rules.ts'
import type { GitActor } from './settings.ts'

/** One admitted request. */
export interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly service: BackendRequest['service']
  readonly name: RepoRef
  readonly repo: GitRepository
  readonly actor: GitActor
  readonly disk: Disk
  readonly maxPushBytes: number
  /** Told after refs have moved, before the pusher hears of it. */
  moved(repo: RepoRef, commands: readonly PushCommand[], actor: GitActor): Promise<void>
}

/** Answers a ref advertisement or a fetch: bytes through, both ways. */
export async function serveRead(exchange: Exchange & { phase: BackendRequest['phase'] }): Promise<FastifyReply> {
  const { request, phase } = exchange
  const backend = start(exchange, { phase, ...headersOf(request), ...protocolOf(exchange) })
  if (phase === 'exchange') request.raw.pipe(backend.input)
  else backend.input.end()
  return send(exchange, await backend.reply)
}

/** Takes a push: judges its commands, lets Git take the objects, tells who listens, then answers. */
export async function receivePush(exchange: Exchange): Promise<FastifyReply> {
  const { reply, request, actor, repo, name, maxPushBytes } = exchange
  const body = limited(decoded(request), maxPushBytes)
  try {
    const head = await readPushHead(body)
    const settings = await exchange.disk.settings(repo)
    const fault = pushFault(head.commands, { actor, settings })
    if (fault) return await refused(reply, { body, head, fault })
    const forward = head.commands.some(({ ref }) => ref === defaultRef || isClosed(ref, settings.rule))
    const answer = await runPush(exchange, { body, head, forward })
    const moved = movedRefs(answer.body, head)
    if (moved.length > 0) await exchange.moved(name, moved, actor)
    return reply.code(answer.status).headers(answer.headers).send(withReason(answer.body, head))
  } catch (error) {
    if (reply.raw.destroyed) return reply
    const isTooLarge = error instanceof TooLarge
    if (!isTooLarge && codeOf(error) !== 'INPUT_INVALID') throw error
    const text = isTooLarge ? `The push is larger than ${maxPushBytes} bytes.` : (error as Error).message
    request.raw.resume()
    return reply
      .code(isTooLarge ? 413 : 400)
      .header('connection', 'close')
      .type('text/plain')
      .send(`${text}\n`)
  }
}

async function runPush(
  exchange: Exchange,
  { body, head, forward }: { body: Readable; head: PushHead; forward: boolean },
) {
  const config: [string, string][] = forward ? [['receive.denyNonFastForwards', 'true']] : []
  const contentType = 'application/x-git-receive-pack-request'
  const backend = start(exchange, { phase: 'exchange', contentType, config })
  const failed = new Promise<never>((_, reject) => (body.errored ? reject(body.errored) : body.once('error', reject)))
  failed.catch(() => backend.kill())
  backend.input.write(Buffer.concat([head.canonical, head.rest]))
  body.pipe(backend.input)
  return Promise.race([collect(backend.reply), failed])
}

function start(
  { request, reply, service, repo, actor, maxPushBytes }: Exchange,
  more: Pick<BackendRequest, 'phase'> & Partial<BackendRequest>,
): Backend {
  const isPush = service === 'git-receive-pack'
  const hidden = actor.platform
    ? []
    : [
        ['transfer.hideRefs', 'refs/fairway'],
        ['receive.hideRefs', 'refs/changes'],
      ]
  const config = [
    ['http.receivepack', String(isPush)],
    ['http.uploadpack', String(!isPush)],
    ['receive.fsckObjects', 'true'],
    ['receive.maxInputSize', String(maxPushBytes)],
    ['receive.autogc', 'false'],
    ['core.logAllRefUpdates', 'true'],
    ...hidden,
    ...(more.config ?? []),
  ] as [string, string][]
  const backend = startHttpBackend({ repository: repo.dir, service, user: actor.actor, ...more, config })
  const end = () => backend.kill()
  reply.raw.once('close', end)
  request.raw.once('aborted', end)
  return backend
}

async function send({ reply }: Exchange, answer: BackendReply): Promise<FastifyReply> {
  return reply.code(answer.status).headers(answer.headers).send(answer.body)
}

/** The answer of a push is short: a report, with progress at most. */
async function collect(answering: Promise<BackendReply>) {
  const { status, headers, body } = await answering
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk)
  return { status, headers, body: Buffer.concat(chunks) }
}

async function refused(
  reply: FastifyReply,
  { body, head, fault }: { body: Readable; head: PushHead; fault: string },
): Promise<FastifyReply> {
  for await (const _ of body) continue // a client hears us only after it has sent everything
  return reply
    .code(200)
    .header('cache-control', 'no-cache')
    .type('application/x-git-receive-pack-result')
    .send(refusePush(head, `PUSH_REFUSED: ${fault}`))
}

function withReason(body: Buffer, head: PushHead): Buffer {
  const isRewrite = head.capabilities.includes('side-band-64k') && body.includes(`ng ${defaultRef} non-fast-forward`)
  return isRewrite ? Buffer.concat([remoteMessage(`PUSH_REFUSED: ${neverRewritten}`), body]) : body
}

function headersOf({ headers }: FastifyRequest): Partial<BackendRequest> {
  return {
    ...(headers['content-type'] && { contentType: headers['content-type'] }),
    ...(headers['content-length'] && { contentLength: headers['content-length'] }),
    ...(headers['content-encoding'] && { contentEncoding: headers['content-encoding'] }),
  }
}

/** Only the version words of the protocol; a push always speaks the one that we read. */
function protocolOf({ request, service }: Exchange): Partial<BackendRequest> {
  const asked = request.headers['git-protocol']
  const isKnown = service === 'git-upload-pack' && typeof asked === 'string' && /^version=[12]$/.test(asked)
  return isKnown ? { protocol: asked } : {}
}

function decoded({ raw, headers }: FastifyRequest): Readable {
  return headers['content-encoding'] === 'gzip' ? pipeline(raw, createGunzip(), () => {}) : raw
}

class TooLarge extends Error {}

/** The body up to a limit. It breaks off with an error when the client leaves or sends more. */
function limited(source: Readable, maxBytes: number): Readable {
  let total = 0
  const gate = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length
      done(total > maxBytes ? new TooLarge('too large') : null, chunk)
    },
  })
  gate.on('error', () => {}) // whoever reads gets it; between two readers nobody listens
  source.once('error', (error) => gate.destroy(error))
  source.once('close', () => source.readableEnded || gate.destroy(new Error('the client left')))
  return source.pipe(gate)
}
