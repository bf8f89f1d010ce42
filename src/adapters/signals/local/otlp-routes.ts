import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { kindOf, PlatformError } from '#errors/platform-error.ts'
import { failureAnswer, type OtlpAnswer, successAnswer } from '#lib/otlp/answer.ts'
import { ExportLogsRequest, ExportMetricsRequest, ExportTraceRequest } from '#lib/otlp/messages.ts'
import { decodeProtobuf, MalformedPayload } from '#lib/otlp/protobuf.ts'
import type { SecretMask } from '#lib/mask-secrets.ts'
import { readWorkloadToken, type WorkloadIdentity } from '#lib/workload-token.ts'
import { bodyBudget } from './body-budget.ts'
import { BodyRefused, readBody } from './read-body.ts'
import type { SignalSink } from './signal-sink.ts'

/** What covers a workload's own secrets in what it sends. */
export type MaskOf = (workload: WorkloadIdentity) => Promise<SecretMask | undefined>

export interface OtlpRoutesOptions {
  readonly tokenSecret: string
  readonly sink: Pick<SignalSink, 'accept'>
  readonly maskOf?: MaskOf
  /** For tests. */
  readonly maxBodyMs?: number
}

declare module 'fastify' {
  interface FastifyRequest {
    workload?: WorkloadIdentity
  }
}

const messages = { logs: ExportLogsRequest, metrics: ExportMetricsRequest, traces: ExportTraceRequest }
type Signal = keyof typeof messages
const maxBodyBytes = 4 * 1_048_576

/** `/otlp/v1/{traces,metrics,logs}` (https://opentelemetry.io/docs/specs/otlp/#otlphttp): who sends is known before a byte of the body is read. */
export function otlpRoutes({ tokenSecret, sink, maskOf, maxBodyMs = 15_000 }: OtlpRoutesOptions): FastifyPluginAsync {
  const budget = bodyBudget({ requestsEach: 16, bytesEach: 4 * maxBodyBytes, bytes: 16 * maxBodyBytes })
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.addHook('onRequest', async (request, reply) => {
      const token = /^Bearer (\S{1,512})$/i.exec(request.headers.authorization ?? '')?.[1]
      const workload = token === undefined ? undefined : readWorkloadToken(tokenSecret, token)
      if (!workload) return refuse(request, reply, { status: 401, message: 'the workload token is missing or wrong' })
      request.workload = workload
      return undefined
    })
    for (const signal of ['logs', 'metrics', 'traces'] as const) {
      app.post(`/otlp/v1/${signal}`, (request, reply) => receive(signal, request, reply))
    }
  }

  async function receive(signal: Signal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const workload = request.workload as WorkloadIdentity
    const place = budget.enter(`${workload.environment}/${workload.service}`)
    if (!place) return refuse(request, reply, { status: 429, message: 'too many requests at once', retry: true })
    try {
      const payload = await payloadOf(signal, request, {
        mask: await maskOf?.(workload),
        maxBytes: maxBodyBytes,
        maxMs: maxBodyMs,
        reserve: place.reserve,
      })
      const receipt = await sink.accept(signal, workload, payload)
      return send(reply.code(200), successAnswer(signal, isProtobuf(request), receipt))
    } catch (error) {
      return refuse(request, reply, refusalOf(error))
    } finally {
      place.leave()
    }
  }
}

async function payloadOf(
  signal: Signal,
  request: FastifyRequest,
  { mask, ...limits }: Parameters<typeof readBody>[2] & { mask: SecretMask | undefined },
): Promise<unknown> {
  const type = mediaType(request)
  if (type !== 'application/json' && type !== 'application/x-protobuf') {
    throw new BodyRefused(415, 'send application/x-protobuf or application/json')
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) {
    throw new BodyRefused(413, `a body may have at most ${limits.maxBytes} bytes`)
  }
  const body = await readBody(request.raw, request.headers['content-encoding'], limits)
  mask?.(body) // on the bytes: every field of every kind of message at once
  if (type === 'application/x-protobuf') return decodeProtobuf(body, messages[signal])
  const parsed = parseJson(body)
  if (parsed === null || typeof parsed !== 'object') throw new MalformedPayload('the body is not an OTLP request')
  return parsed
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new MalformedPayload('the body is not JSON')
  }
}

interface Refusal {
  readonly status: number
  readonly message: string
  readonly retry?: boolean
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof BodyRefused) return { status: error.status, message: error.message, retry: error.status === 503 }
  if (error instanceof MalformedPayload) return { status: 400, message: error.message }
  if (error instanceof PlatformError && kindOf(error).retryable)
    return { status: 503, message: error.message, retry: true }
  throw error
}

// A body that was not read to its end is not worth reading: the connection closes behind the answer.
function refuse(request: FastifyRequest, reply: FastifyReply, { status, message, retry }: Refusal): FastifyReply {
  if (!request.raw.complete) void reply.header('connection', 'close')
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (retry) void reply.header('retry-after', '2')
  return send(reply.code(status), failureAnswer(isProtobuf(request), message))
}

function send(reply: FastifyReply, { contentType, body }: OtlpAnswer): FastifyReply {
  return reply.header('content-type', contentType).send(body)
}

function isProtobuf(request: FastifyRequest): boolean {
  return mediaType(request) === 'application/x-protobuf'
}

function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}
