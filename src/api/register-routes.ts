import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { Problem } from '#model/problem.ts'
import type { Call, RouteDefinition } from './route.ts'
import { carryByCookie } from './session-cookie.ts'

export type AnyHandler<Caller> = (call: Call<RouteDefinition, Caller>) => Promise<unknown>

export interface ApiOptions<Caller> {
  readonly routes: readonly RouteDefinition[]
  /** By route id. A definition without a handler is a programming error that stops the start. */
  readonly handlers: Readonly<Record<string, AnyHandler<Caller>>>
  /** Who sends the request; undefined when nobody is signed in. */
  readonly authenticate: (request: FastifyRequest) => Promise<Caller | undefined>
  /** Does the work of a keyed request once, and answers its repeats. */
  readonly once?: <T>(
    request: { caller: Caller; route: string; key: string; request: unknown },
    work: () => Promise<T>,
  ) => Promise<T>
}

/** Mounts every route of the contract: parse, authenticate, call one handler, shape the reply by the contract's schema. */
export function registerRoutes<Caller>(app: FastifyInstance, options: ApiOptions<Caller>): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  typed.setValidatorCompiler(validatorCompiler)
  typed.setSerializerCompiler(serializerCompiler)
  const callers = new WeakMap<object, Caller | undefined>()
  for (const definition of options.routes) {
    const handler = options.handlers[definition.id]
    if (!handler) throw new Error(`route ${definition.id} has no handler`)
    typed.route({
      method: definition.method,
      url: definition.path,
      schema: schemaOf(definition),
      // before validation: who is not signed in learns nothing about a route's input
      preValidation: async (request) => {
        const caller = await options.authenticate(request)
        if (definition.access === 'signed-in' && !caller) {
          throw new PlatformError('NOT_SIGNED_IN', 'this needs a signed-in person', { hint: 'fairway login --as NAME' })
        }
        callers.set(request, caller)
        refuseUnreadable([request.params, request.query, request.body])
        refuseUnknown(definition, request)
      },
      handler: async (request, reply) => {
        const call = callOf(request, callers.get(request) as Caller)
        const work = () => handler(call)
        const answer = await (isKept(definition) && call.idempotencyKey !== undefined && options.once
          ? options.once(keyed(definition, call, call.idempotencyKey), work)
          : work())
        return reply.status(definition.status ?? 200).send(carryByCookie(definition, { request, reply, answer }))
      },
    })
  }
}

/** What a route does not take is refused as the schemas refuse an unknown field: a misspelt filter must not be no filter. */
function refuseUnknown(definition: RouteDefinition, { query, body }: FastifyRequest): void {
  const [field] = [
    ...(definition.query ? [] : Object.keys(query ?? {})),
    ...(definition.body || typeof body !== 'object' ? [] : Object.keys(body ?? {})),
  ]
  if (field === undefined) return
  throw new PlatformError('INPUT_INVALID', `${field}: this takes no such field`, {
    errors: [{ path: field, message: 'not known here' }],
    hint: 'see /api/openapi.json for the shape',
  })
}

/** Whether the API itself answers a repeat of this route's requests. */
export function isKept(definition: RouteDefinition): boolean {
  return definition.method !== 'GET' && definition.access === 'signed-in' && definition.repeat === undefined
}

function keyed<Caller>(
  { id }: RouteDefinition,
  { caller, params, query, body }: Call<RouteDefinition, Caller>,
  key: string,
) {
  return { caller, route: id, key, request: { params, query, body } }
}

const deepest = 64

/**
 * No name, text or search holds a NUL: neither PostgreSQL nor Git nor a file system can store one. Nothing is nested so
 * deeply that whoever walks through it next runs out of stack.
 */
function refuseUnreadable(input: unknown): void {
  const left: [value: unknown, depth: number][] = [[input, 0]]
  for (let next = left.pop(); next; next = left.pop()) {
    const [value, depth] = next
    if (typeof value === 'string' && value.includes('\0'))
      throw new PlatformError('INPUT_INVALID', 'a text holds the character NUL')
    if (typeof value !== 'object' || value === null) continue
    if (depth > deepest) throw new PlatformError('INPUT_INVALID', `the body is nested deeper than ${deepest} levels`)
    for (const [key, inner] of Object.entries(value)) left.push([key, depth], [inner, depth + 1])
  }
}

function callOf<Caller>(request: FastifyRequest, caller: Caller): Call<RouteDefinition, Caller> {
  const abort = new AbortController()
  request.raw.once('close', () => {
    if (!request.raw.complete) abort.abort()
  })
  const key = request.headers['idempotency-key']
  return {
    params: request.params,
    query: request.query,
    body: request.body ?? undefined,
    caller,
    requestId: request.id,
    address: request.ip,
    idempotencyKey: typeof key === 'string' && key !== '' ? key : undefined,
    signal: abort.signal,
  } as Call<RouteDefinition, Caller>
}

function schemaOf(definition: RouteDefinition): FastifySchema {
  const status = String(definition.status ?? 200)
  return {
    operationId: definition.id,
    summary: definition.summary,
    tags: [definition.id.split('.')[0] ?? 'other'],
    ...(definition.params && { params: definition.params }),
    ...(definition.query && { querystring: strict(definition.query) }),
    ...(definition.body && { body: definition.body }),
    ...(definition.access === 'signed-in' && {
      security: [{ session: [] }, { bearer: [] }] as Record<string, string[]>[],
    }),
    ...(definition.method !== 'GET' && {
      headers: z.looseObject({ 'idempotency-key': z.string().min(8).max(200).optional() }),
    }),
    response: { [status]: definition.reply, default: Problem },
  }
}

function strict(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.strict() : schema
}
