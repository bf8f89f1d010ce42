import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Agent, request as ask } from 'node:http'
import { z } from 'zod'
import { ownEnvironment, provingPath } from '#model/dev-session.ts'
import { Name } from '#model/names.ts'
import type { Traffic } from '../instance/instance.ts'
import type { Route } from './routes.ts'

export const WantedLease = z.strictObject({
  service: Name,
  person: Name,
  port: z.int().min(1_024).max(65_535),
  proof: z.string().regex(/^[\w-]{43}$/),
})
export const KnownLease = z.strictObject({ id: z.string().max(40), service: Name, person: Name })
type WantedLease = z.infer<typeof WantedLease>
type KnownLease = z.infer<typeof KnownLease>

/** `unproven`: what listens at the port is not who asks. `running`: the person has the service's name already. */
export type Lent = LentName | { readonly refused: 'unproven' | 'running' | 'ended' }
interface LentName {
  readonly id: string
  readonly host: string
  readonly ownHost: string
  readonly heldBy?: string
  readonly endsIn: number
}

/** Names lent to processes of developers, in memory: whoever still wants one after a restart of the agent asks again. */
export interface LentRoutes {
  open(wanted: WantedLease): Promise<Lent>
  renew(lease: KnownLease): Promise<Lent>
  /** Whether there was one. */
  end(lease: KnownLease): boolean
  /** What `<service>.<label>.localhost` leads to, if anything. */
  routeFor(service: string, label: string): Route | undefined
  close(): void
}

interface Held extends WantedLease {
  readonly id: string
  /** Nobody else had `<service>.me.localhost` when it began. It stays so: a name never changes hands while one lives. */
  readonly isFirst: boolean
  readonly traffic: Traffic
  endsAt: number
}

export function lentRoutes({ forMs = 15_000, proves = provesItself } = {}): LentRoutes {
  const held = new Map<string, Held>()
  const drop = (one: Held) => {
    held.delete(one.id)
    one.traffic.connections.destroy()
    return true
  }
  const living = (service: string) => {
    for (const one of held.values()) if (one.endsAt <= performance.now()) drop(one)
    return [...held.values()].filter((one) => one.service === service)
  }
  const find = ({ id, service, person }: KnownLease) =>
    living(service).find((one) => one.id === id && one.person === person)
  const told = ({ id, service, person, isFirst }: Held): LentName => {
    const ownHost = `${service}.${ownEnvironment(person)}.localhost`
    const heldBy = isFirst ? undefined : living(service).find((one) => one.isFirst)?.person
    return {
      id,
      ownHost,
      host: isFirst ? `${service}.me.localhost` : ownHost,
      ...(heldBy && { heldBy }),
      endsIn: forMs,
    }
  }
  const lend = async (wanted: WantedLease): Promise<Lent> => {
    const earlier = living(wanted.service).find(({ person }) => person === wanted.person)
    if (earlier) {
      // One whose process is gone was killed: who starts again need not wait until its time is over.
      if (await proves(earlier)) return { refused: 'running' }
      drop(earlier)
      // While it was asked, another one may have begun.
      return lend(wanted)
    }
    const id = randomBytes(16).toString('base64url')
    const isFirst = !living(wanted.service).some((one) => one.isFirst)
    const connections = new Agent({ keepAlive: true, maxFreeSockets: 16 })
    const traffic = { port: wanted.port, connections, inFlight: 0 }
    const one: Held = { ...wanted, id, isFirst, traffic, endsAt: performance.now() + forMs }
    held.set(id, one)
    return told(one)
  }
  return {
    open: async (wanted) => ((await proves(wanted)) ? lend(wanted) : { refused: 'unproven' }),
    async renew(lease) {
      const known = find(lease)
      if (!known) return { refused: 'ended' }
      const isProven = await proves(known)
      // it may have ended while the process was asked, and its name be another's by now
      if (!isProven || held.get(known.id) !== known) {
        drop(known)
        return { refused: 'ended' }
      }
      known.endsAt = performance.now() + forMs
      return told(known)
    },
    end(lease) {
      const known = find(lease)
      return known ? drop(known) : false
    },
    routeFor(service, label) {
      const one = living(service).find(
        ({ person, isFirst }) => label === ownEnvironment(person) || (label === 'me' && isFirst),
      )
      if (!one) return undefined
      const next: Route['next'] = (tried) => (tried.has(one.traffic) ? undefined : one.traffic)
      return { place: { service, environment: label }, next }
    },
    close() {
      for (const one of held.values()) drop(one)
    },
  }
}

/** Whether what listens there knows the proof: a port of the platform, of another service or of another person does not. */
function provesItself({ port, proof }: Pick<WantedLease, 'port' | 'proof'>): Promise<boolean> {
  const challenge = randomBytes(32).toString('base64url')
  const right = Buffer.from(createHmac('sha256', proof).update(challenge).digest('base64url'))
  return new Promise((resolve) => {
    const path = `${provingPath}?challenge=${challenge}`
    const asking = ask({ host: '127.0.0.1', port, path, agent: false, timeout: 2_000 })
    const late = setTimeout(() => asking.destroy(), 3_000)
    asking.once('response', (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part
        if (text.length > 200) asking.destroy()
      })
      reply.once('close', () => {
        clearTimeout(late)
        const given = Buffer.from(text)
        resolve(reply.complete && given.length === right.length && timingSafeEqual(given, right))
      })
    })
    asking.once('timeout', () => asking.destroy())
    asking.once('error', () => {
      clearTimeout(late)
      resolve(false)
    })
    asking.end()
  })
}
