import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { AdmissionView } from '#model/admission.ts'
import type { Admission, WantedRule } from './admission.ts'

export interface AdmissionUnderTest {
  readonly admission: Admission
  /** An environment of its own with one rule, which objects of the kind that `plant` makes break. */
  readonly environment: string
  readonly rule: WantedRule
  /** Left out where nothing is enforced. */
  readonly door?: Door
}

interface Door {
  /** Puts the rule in force. */
  enact(): Promise<void>
  /** Changes the rule in the cluster, so that it denies nothing. */
  weaken(): Promise<void>
  /** Makes an object that breaks the rule, before the rule is there; gives it as `Kind namespace/name`. */
  plant(): Promise<string>
  /** Gives the adapter of a door that lets everything pass while nobody answers there. */
  careless(): Promise<Admission>
  /** Gives the adapter of a door whose cluster cannot be reached. */
  unreachable(): Promise<Admission>
}

/** Several audits of a busy machine. */
const mostWait = 120_000

type Known = Extract<AdmissionView, { kind: 'known' }>

/** What every door promises. `make` gives one with an environment of its own for each test. */
export function describeAdmission(product: string, make: (t: TestContext) => Promise<AdmissionUnderTest>): void {
  const promise = (what: string, check: (world: World) => Promise<void>) =>
    void test(`${product}: ${what}`, { timeout: 2 * mostWait + 60_000 }, async (t) => {
      const under = await make(t)
      await check(worldOf(under))
    })
  const atDoor = (what: string, check: (world: World, door: Door) => Promise<void>) =>
    void test(`${product}: ${what}`, { timeout: 2 * mostWait + 60_000 }, async (t) => {
      const under = await make(t)
      if (!under.door) return t.skip('there is no door: the rules are not enforced behind the change gate')
      await check(worldOf(under), under.door)
    })

  promise('what is not enforced is said with a sentence, and nothing is claimed of a rule', async ({ look, under }) => {
    const view = await look()

    assert.equal(under.admission.can.enforce, under.door !== undefined)
    if (under.door) assert.equal(view.kind, 'known')
    else assert.ok(view.kind === 'not-enforced' && view.reason.length > 20)
  })

  atDoor('a rule that is not there is missing', async ({ known }) => {
    const [rule] = (await known()).rules

    assert.equal(rule?.state, 'missing')
    assert.equal(rule?.total, undefined)
  })

  atDoor(
    'a rule that stands as it was rendered is enforced, and the answer says who was asked and when',
    async ({ until }, door) => {
      const before = Date.now()
      await door.enact()

      const view = await until((rule) => rule.state === 'enforced', 'enforced')

      assert.deepEqual(view.problems, [])
      assert.ok(view.source.length > 0)
      assert.ok(Date.parse(view.at) >= before && Date.parse(view.at) <= Date.now())
    },
  )

  atDoor('a rule that somebody weakened is different, and the field is named', async ({ until }, door) => {
    await door.enact()
    await until((rule) => rule.state === 'enforced', 'enforced')

    await door.weaken()

    const [rule] = (await until(({ state }) => state !== 'enforced', 'not enforced')).rules
    assert.equal(rule?.state, 'different')
    assert.match(rule?.detail ?? '', /spec\./)
  })

  atDoor('what stands in the cluster and breaks a rule is found, with when it was found', async ({ until }, door) => {
    const object = await door.plant()
    const before = Date.now()
    await door.enact()

    // The first audit after it may begin before the door has taken the rule up, or the object's kind, and finds less.
    const isFound = ({ violations }: Known['rules'][number]) => violations.some((one) => one.object === object)
    const view = await until(isFound, 'found to be broken')

    const [rule] = view.rules
    assert.ok(Date.parse(rule?.auditedAt ?? '') >= before - 1_000)
    assert.ok((rule?.violations.find((one) => one.object === object)?.message.length ?? 0) > 5)
  })

  atDoor('a door that opens when nobody answers is a problem, with what to do', async ({ under }, door) => {
    const admission = await door.careless()

    const view = await admission.look({ environment: under.environment, rules: [] }, AbortSignal.timeout(20_000))

    assert.ok(view.kind === 'known')
    assert.match(view.problems.map(({ what }) => what).join(), /everything passes/)
    for (const { fix } of view.problems) assert.ok(fix.length > 10)
  })

  atDoor('a door that cannot be asked is unknown with the reason', async ({ under }, door) => {
    const admission = await door.unreachable()
    const question = { environment: under.environment, rules: [under.rule] }

    const view = await admission.look(question, AbortSignal.timeout(20_000))
    const cut = await under.admission.look(question, AbortSignal.abort())

    for (const one of [view, cut]) assert.ok(one.kind === 'unknown' && one.reason.length > 10, JSON.stringify(one))
  })
}

interface World {
  readonly under: AdmissionUnderTest
  look(): Promise<AdmissionView>
  known(): Promise<Known>
  until(holds: (rule: Known['rules'][number]) => boolean, what: string): Promise<Known>
}

function worldOf(under: AdmissionUnderTest): World {
  const { admission, environment, rule } = under
  const look = () => admission.look({ environment, rules: [rule] }, AbortSignal.timeout(20_000))
  const known = async () => {
    const view = await look()
    assert.ok(view.kind === 'known', JSON.stringify(view))
    return view
  }
  return {
    under,
    look,
    known,
    async until(holds, what) {
      let last: Known | undefined
      for (const end = performance.now() + mostWait; performance.now() < end; await pause(200)) {
        last = await known()
        if (last.rules.every(holds)) return last
      }
      throw new Error(`the rule did not become ${what}: ${JSON.stringify(last)}`)
    },
  }
}
