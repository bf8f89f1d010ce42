import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { SigningKey } from '#lib/signing-key.ts'
import { linkNew } from '#store/audit-chain.ts'
import type { AuditPlace } from './heads.ts'
import { headSigner } from './sign-head.ts'

export interface ChainPace {
  readonly linkEveryMs: number
  /** A head is signed when something is new and one of these is reached. */
  readonly signEveryMs: number
  readonly signEveryLinks: number
}

const usualPace: ChainPace = { linkEveryMs: 400, signEveryMs: 60_000, signEveryLinks: 1_000 }

/** How long a stop waits for the Git host to take the last head; the next start signs what is left. */
const lastMs = 10_000

/**
 * Links new audit records within a second and signs heads, in every replica: a lock lets one link at a time. A Git host
 * that does not answer delays heads, never links. The stop links and signs what is left.
 */
export function keepChain(place: AuditPlace & { log: Logger }, key: SigningKey, pace = usualPace): () => Promise<void> {
  const stopping = new AbortController()
  const signer = keepSigning(place, key, pace)
  const linker = linkerOf(place)
  const turns = (async () => {
    while (!stopping.signal.aborted) {
      const more = await linker.link((links) => signer.linked(links))
      signer.turn()
      if (!more) await pause(pace.linkEveryMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
  return async () => {
    stopping.abort()
    await turns
    await linker.link(() => {})
    await signer.last()
  }
}

function linkerOf({ db, log }: AuditPlace & { log: Logger }) {
  let floor = '0' // looks at the whole log once: after a restore, transaction ids of other times lie in it
  const complain = seldom((error) =>
    log.error({ err: error }, 'audit records could not be linked; the next turn tries'),
  )
  return {
    /** Whether more can be linked at once. */
    async link(linked: (links: number) => void): Promise<boolean> {
      try {
        const done = await linkNew(db, floor)
        if (!done) return false
        floor = done.floor
        linked(done.linked)
        return done.more
      } catch (error) {
        complain(error)
        return false
      }
    },
  }
}

function keepSigning(place: AuditPlace & { log: Logger }, key: SigningKey, pace: ChainPace) {
  const signer = headSigner(place, key)
  const complain = seldom((error) => place.log.error({ err: error }, 'the head of the audit log could not be signed'))
  let fresh = pace.signEveryLinks // what an earlier process left unsigned is signed at once
  let tried = -Infinity
  let signing: Promise<unknown> | undefined
  const sign = () =>
    signer.sign().catch((error: unknown) => {
      fresh += 1 // so that the next minute tries again
      complain(error)
    })
  return {
    linked: (links: number) => void (fresh += links),
    turn(): void {
      const waited = performance.now() - tried
      const isDue = fresh > 0 && (waited >= pace.signEveryMs || (fresh >= pace.signEveryLinks && waited >= 1_000))
      if (!isDue || signing) return
      tried = performance.now()
      fresh = 0
      signing = sign().finally(() => (signing = undefined))
    },
    async last(): Promise<void> {
      const all = Promise.resolve(signing).then(sign)
      await Promise.race([all, pause(lastMs, undefined, { ref: false })])
    },
  }
}

/** At most one complaint a minute: what fails each turn would fill the log. */
function seldom(complain: (error: unknown) => void): (error: unknown) => void {
  let last = -Infinity
  return (error) => {
    if (performance.now() - last < 60_000) return
    last = performance.now()
    complain(error)
  }
}
