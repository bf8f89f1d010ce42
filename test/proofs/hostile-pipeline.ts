import { detectIsolation, type Isolation } from '#lib/isolation.ts'
import { withHooks } from '../../testing/last-first.ts'
import type { HostileCase, Kind } from './hostile-pipeline/case.ts'
import { forgingCases } from './hostile-pipeline/forging.ts'
import { readingCases } from './hostile-pipeline/reading.ts'
import { reachingCases } from './hostile-pipeline/reaching.ts'
import { smugglingCases } from './hostile-pipeline/smuggling.ts'
import { stayingCases } from './hostile-pipeline/staying.ts'
import { startWorld, type World } from './hostile-pipeline/world.ts'

const cases: readonly HostileCase[] = [
  ...readingCases,
  ...reachingCases,
  ...stayingCases,
  ...smugglingCases,
  ...forgingCases,
]

/** One round of every case under every isolation that this machine can give. */
export const small = cases.length
export const usual = cases.length * 4

interface Verdict {
  readonly blocked: number
  readonly through: number
  /** Why, the first time. */
  readonly how?: string
}

/**
 * Hostile repositories through the real `ci build` and `ci publish`, drawn from the seed; `size` of them per isolation.
 * Holds when every case that an isolation promises to block was blocked, and when the attacks that need no isolation to
 * be in the way did get through where there is none: an attack that never works proves nothing.
 */
export async function prove({ seed, size }: { seed: number; size: number }): Promise<{
  holds: boolean
  figures: Record<string, unknown>
}> {
  const rounds = new Map<Kind, Map<string, Verdict>>()
  for (const isolation of await isolations()) {
    const found = await withHooks(async (hooks) => attack(await startWorld(hooks, isolation.given), { seed, size }))
    rounds.set(isolation.kind, found)
  }
  const broken = [...rounds].flatMap(([kind, verdicts]) =>
    cases
      .filter((one) => one.blockedBy.includes(kind) && (verdicts.get(one.name)?.through ?? 0) > 0)
      .map((one) => `${kind}: ${one.name}: ${verdicts.get(one.name)?.how}`),
  )
  const toothless = cases.filter((one) => one.worksUnisolated && rounds.get('none')?.get(one.name)?.through === 0)
  for (const line of broken) console.error(`got through under ${line}`)
  for (const one of toothless) console.error(`never works, so it proves nothing: ${one.name}`)
  const figures = {
    cases: cases.length,
    isolations: [...rounds.keys()],
    pipelines: [...rounds.values()]
      .flatMap((one) => [...one.values()])
      .reduce((sum, one) => sum + one.blocked + one.through, 0),
    brokenPromises: broken,
    toothless: toothless.map(({ name }) => name),
    ...Object.fromEntries([...rounds].map(([kind, verdicts]) => [kind, figuresOf(verdicts)])),
  }
  return { holds: broken.length === 0 && toothless.length === 0 && rounds.size > 1, figures }
}

/** What really is in force here, the weaker one below it, and none: the last only for attacks that harm nobody. */
async function isolations(): Promise<readonly { kind: Kind; given: Isolation | 'hidden' | 'found' }[]> {
  const found = await detectIsolation({ place: 'proof' })
  const hidden = await detectIsolation({ place: 'proof', path: '/nonexistent' })
  const none: Isolation = { kind: 'none', reason: 'asked for by the proof' }
  return [
    ...(found.kind === 'sandbox' ? [{ kind: found.kind, given: 'found' as const }] : []),
    ...(hidden.kind === 'user' ? [{ kind: hidden.kind, given: 'hidden' as const }] : []),
    { kind: 'none', given: none },
  ]
}

async function attack(world: World, { seed, size }: { seed: number; size: number }): Promise<Map<string, Verdict>> {
  const random = randomFrom(seed)
  const found = new Map<string, Verdict>()
  for (let index = 0; index < size; index++) {
    const one = cases[index % cases.length]
    if (!one || (world.isolation.kind === 'none' && !one.harmless)) continue
    const how = await attackOnce(world, { one, random, key: `run-${seed}-${index}` })
    const before = found.get(one.name) ?? { blocked: 0, through: 0 }
    const reason = before.how ?? how
    found.set(one.name, {
      blocked: before.blocked + (how === undefined ? 1 : 0),
      through: before.through + (how === undefined ? 0 : 1),
      ...(reason !== undefined && { how: reason }),
    })
  }
  return found
}

async function attackOnce(
  world: World,
  { one, random, key }: { one: HostileCase; random: () => number; key: string },
): Promise<string | undefined> {
  const before = one.watchesFiles ? await world.protectedFiles() : ''
  const outcome = await world.run(one.script(world, random), key, one.files?.(world, random) ?? {})
  const how = await one.judge(outcome, world, before)
  if (how !== undefined) return how
  const ended = outcome.refused ?? /was ended/.exec(outcome.result?.failure?.reason ?? '')?.[0]
  return outcome.said.includes('TRIED') || ended !== undefined
    ? undefined
    : `the attack did not run: ${outcome.result?.failure?.reason}`
}

/** Blocked and got through, case by case: what an isolation cannot block is listed, not hidden. */
function figuresOf(verdicts: ReadonlyMap<string, Verdict>): Record<string, unknown> {
  const open = [...verdicts].filter(([, { through }]) => through > 0)
  return {
    tried: verdicts.size,
    blocked: verdicts.size - open.length,
    gotThrough: Object.fromEntries(open.map(([name, { how }]) => [name, how])),
  }
}

/** mulberry32: small, and the same numbers from the same seed on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
