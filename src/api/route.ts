import type { z } from 'zod'

/** Who may call a route at all. What an object allows is decided in the service that the route calls. */
export type RouteAccess = 'anonymous' | 'signed-in'

/** One route as data: OpenAPI, the typed client, the access matrix and the server all come from it. */
export interface RouteDefinition {
  /** `noun.verb`; also the operationId. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: `/api/v1/${string}`
  readonly summary: string
  readonly access: RouteAccess
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly reply: z.ZodType
  /** 200 unless said: 201 made something, 202 started a run. */
  readonly status?: 200 | 201 | 202
  /**
   * How a writing route keeps its promise that the same Idempotency-Key does nothing twice. Left out: the first answer
   * is kept and given again. `run`: its service claims the key in the transaction that starts the run. `free`: it keeps
   * no key, and why it needs none.
   */
  readonly repeat?: 'run' | { readonly free: string }
}

/** Keeps the literal types of a definition, so that handlers are checked against it. */
export function route<const D extends RouteDefinition>(definition: D): D {
  return definition
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined

export interface Call<D extends RouteDefinition, Caller> {
  readonly params: Parsed<D['params']>
  readonly query: Parsed<D['query']>
  readonly body: Parsed<D['body']>
  readonly caller: Caller
  readonly requestId: string
  /** Where the connection comes from; never what a header says. */
  readonly address: string
  /** The Idempotency-Key header, if the client sent one. */
  readonly idempotencyKey: string | undefined
  readonly signal: AbortSignal
}
