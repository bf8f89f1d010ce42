import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { LiveResource, RuntimeEvent } from '#model/deployment.ts'
import { Name } from '#model/names.ts'
import type { Delivery, Place } from '#ports/delivery.ts'
import { agentCalls } from './calls.ts'
import { DifferencesReply, LiveStatusReply } from './schema.ts'
import { lending } from './lending.ts'
import { watchChanges } from './watch-changes.ts'

export interface LocalDeliveryOptions {
  readonly dataFolder: string
}

/** The agent on this machine. While it is away everything is `unknown`: the workloads run on, nobody can say how. */
export function localDelivery({ dataFolder }: LocalDeliveryOptions): Delivery {
  const calls = agentCalls(dataFolder)
  return {
    can: { enforcesNetworkPolicy: false, scalesReplicas: true, objectsAreFound: false },
    refresh: (_environment, signal) => calls.post('/refresh', signal),
    async status(place, signal) {
      try {
        return await calls.get(addressOf('services', place), LiveStatusReply, signal)
      } catch (error) {
        if (!(error instanceof PlatformError) || error.code !== 'AGENT_UNAVAILABLE') throw error
        return {
          sync: 'unknown',
          health: 'unknown',
          reason: `AGENT_UNAVAILABLE: ${error.message}`,
          readAt: new Date().toISOString(),
        }
      }
    },
    resources: (place, signal) => calls.get(addressOf('resources', place), z.array(LiveResource), signal),
    events: (place, limit, signal) =>
      calls.get(`${addressOf('events', place)}?limit=${Math.trunc(limit)}`, z.array(RuntimeEvent), signal),
    async differences(place, signal) {
      try {
        return await calls.get(addressOf('differences', place), DifferencesReply, signal)
      } catch (error) {
        if (!(error instanceof PlatformError) || error.code !== 'AGENT_UNAVAILABLE') throw error
        return { kind: 'unknown', reason: `AGENT_UNAVAILABLE: ${error.message}` }
      }
    },
    repair: (place, signal) => calls.post(addressOf('repair', place), signal),
    onChange: watchChanges(calls),
    lending: lending(calls),
  }
}

function addressOf(what: string, { environment, service }: Place): string {
  for (const name of [environment, service])
    if (!Name.safeParse(name).success) throw new PlatformError('NAME_INVALID', `${JSON.stringify(name)} is not a name.`)
  return `/${what}/${environment}/${service}`
}
