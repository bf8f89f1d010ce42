import type { Caller } from '#services/caller.ts'
import type { AnyHandler } from './register-routes.ts'
import type { Call, RouteDefinition } from './route.ts'
import type { z } from 'zod'

type Reply<D extends RouteDefinition> = z.input<D['reply']>

/** Ties a handler to its definition, so that parameters and reply are checked against the contract by the compiler. */
export function handle<D extends RouteDefinition>(
  definition: D,
  handler: (call: Call<D, Caller>) => Promise<Reply<D>>,
): readonly [string, AnyHandler<Caller>] {
  return [definition.id, handler as unknown as AnyHandler<Caller>]
}
