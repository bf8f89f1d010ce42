import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { LentRoute } from '#model/dev-session.ts'
import { Name } from '#model/names.ts'
import type { Lending } from '#ports/delivery.ts'
import type { AgentCalls } from './calls.ts'

const Refused = z.object({ refused: z.enum(['unproven', 'running', 'ended']) })
const Answer = z.union([Refused, LentRoute])
const Closed = z.object({ closed: z.boolean() })
const Address = z.object({ address: z.url() })

/** Names of the embedded gateway, which the agent lends. */
export function lending(calls: AgentCalls): Lending {
  const ask = async (path: string, body: { service: string }, signal: AbortSignal) => {
    const answer = await calls.ask(path, { body, schema: Answer }, signal)
    if ('refused' in answer) throw refusal(answer.refused, body.service)
    return answer
  }
  return {
    open: (wanted, signal) => ask('/lent/open', wanted, signal),
    renew: (lease, signal) => ask('/lent/renew', lease, signal),
    close: async (body, signal) => (await calls.ask('/lent/close', { body, schema: Closed }, signal)).closed,
    async addressOf({ environment, service }, signal) {
      for (const name of [environment, service])
        if (!Name.safeParse(name).success)
          throw new PlatformError('NAME_INVALID', `${JSON.stringify(name)} is not a name.`)
      return (await calls.get(`/address/${environment}/${service}`, Address, signal)).address
    },
  }
}

function refusal(why: z.infer<typeof Refused>['refused'], service: string): PlatformError {
  if (why === 'running')
    return new PlatformError('DEV_RUNS_ALREADY', `you run ${service} with fairway dev already`, {
      hint: 'end that one with Ctrl-C; after a kill its name is free within 15 s',
    })
  if (why === 'ended')
    return new PlatformError('DEV_ROUTE_ENDED', `no name is lent for ${service} under that lease`, {
      hint: 'ask for one again',
    })
  return new PlatformError('DEV_ROUTE_REFUSED', `nothing at that port proved that it is ${service} of who asks`, {
    hint: 'a name is lent to a process of fairway dev alone',
  })
}
