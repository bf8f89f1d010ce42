import { signatureCheck, fingerprintOf } from '#lib/signing-key.ts'
import type { AuditHead, AuditLink, AuditProblem, AuditReport, OpenIntent, SignedHead } from '#model/audit-chain.ts'
import { canonical } from '#model/audit-lines.ts'
import { hashOf, noHash, type StoredLink } from '#store/audit-chain.ts'

const most = 100

export interface ChainCheck {
  /** The next link in order. */
  add(stored: StoredLink): void
  problem(problem: AuditProblem): void
  end(): AuditReport
}

/** Follows a chain from its first link and holds it against the heads that were signed: every place that does not fit is named. */
export function chainCheck(heads: readonly SignedHead[], keys: readonly string[]): ChainCheck {
  const problems: AuditProblem[] = []
  const problem = (one: AuditProblem) => void (problems.length < most && problems.push(one))
  const signed = checkedHeads(heads, keys, problem)
  const intents = openIntents(problem)
  let [rows, position, previous] = [0, 0, noHash]
  return {
    problem,
    add(stored) {
      rows += 1
      const at = { position: stored.position, seq: stored.seq }
      if (stored.position !== position + 1)
        problem({ ...at, message: `the chain goes from position ${position} to ${stored.position}` })
      checkLink(stored, previous, (message) => problem({ ...at, message }))
      for (const head of signed.get(stored.position) ?? [])
        if (head.hash !== stored.hash) problem({ ...at, message: 'the link is not the one that was signed' })
      if (stored.link) intents.add(stored.link)
      position = stored.position
      previous = stored.hash
    },
    end() {
      const covered = Math.max(0, ...signed.keys())
      if (covered > position)
        problem({
          position: position + 1,
          message: `the chain ends at position ${position}, but a head was signed at ${covered}`,
        })
      return {
        ok: problems.length === 0,
        rows,
        position,
        hash: previous,
        heads: heads.length,
        signed: covered,
        keys: keys.map(fingerprintOf),
        problems,
        intents: intents.left(),
      }
    },
  }
}

function checkLink({ hash, link }: StoredLink, previous: string, problem: (message: string) => void): void {
  if (!link) return problem('the record is gone')
  if (link.previous !== previous) problem('the link does not follow the one before it')
  if (hashOf(link) !== hash) problem('the record is not the one that was linked')
}

/** Heads by position; those with a wrong signature are named and count for nothing. */
function checkedHeads(
  heads: readonly SignedHead[],
  keys: readonly string[],
  problem: (problem: AuditProblem) => void,
): ReadonlyMap<number, AuditHead[]> {
  const checks = new Map(keys.map((pem) => [fingerprintOf(pem), signatureCheck(pem)]))
  const good = new Map<number, AuditHead[]>()
  let covered = 0
  for (const { head, signature } of heads) {
    const { position } = head
    const check = checks.get(head.key)
    if (!check) problem({ position, message: `the head is signed with an unknown key, ${head.key}` })
    else if (!check(canonical(head), signature)) problem({ position, message: 'the signature of the head is wrong' })
    else good.set(position, [...(good.get(position) ?? []), head])
    if (position - head.count !== covered)
      problem({ position, message: `a head is missing between positions ${covered} and ${position}` })
    covered = position
  }
  return good
}

/**
 * Pairs intents with their outcomes; an outcome that nothing announced is a problem. Two people may do the same at once,
 * and a step that was cut off announces itself again: an outcome takes the newest intent of its kind.
 */
function openIntents(problem: (problem: AuditProblem) => void) {
  const open = new Map<string, OpenIntent[]>()
  return {
    add({ seq, at, run, action, object, phase, position }: AuditLink): void {
      if (phase === 'act') return
      const key = JSON.stringify([run, action, object])
      const announced = open.get(key) ?? []
      if (phase === 'intent') {
        open.set(key, [...announced, { seq, at, run, action, object }])
        return
      }
      if (announced.length === 0) return problem({ position, seq, message: 'an outcome without an intent before it' })
      // What is left of earlier attempts was repeated by the one that ended now.
      const left = announced.slice(0, -1).map((intent): OpenIntent => ({ ...intent, state: 'repeated' }))
      if (left.length > 0) open.set(key, left)
      else open.delete(key)
    },
    left(): OpenIntent[] {
      const all = [...open.values()].flatMap((intents) =>
        intents.map((intent, at): OpenIntent => (at < intents.length - 1 ? { ...intent, state: 'repeated' } : intent)),
      )
      return all.toSorted((a, b) => a.seq - b.seq).slice(0, most)
    },
  }
}
