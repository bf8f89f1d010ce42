import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Identity } from './identity.ts'

/** What every source of people promises. `make` gives one that knows at least one person and one team. */
export function describeIdentity(product: string, make: (t: TestContext) => Promise<Identity>): void {
  const promise = (what: string, check: (identity: Identity) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t)))

  promise('everybody it lists is found under their name, and nobody else', async (identity) => {
    const people = await identity.people()

    assert.ok(people.length > 0)
    for (const person of people) assert.deepEqual(await identity.find(person.name), person)
    for (const name of ['nobody-of-that-name', '', '__proto__', 'constructor'])
      assert.equal(await identity.find(name), undefined)
  })

  promise('people and teams agree on who belongs where', async (identity) => {
    const [people, teams] = [await identity.people(), await identity.teams()]

    const bySide = people.flatMap(({ name, teams: mine }) => mine.map((team) => `${team}/${name}`))
    const byTeam = teams.flatMap(({ name, members }) => members.map((member) => `${name}/${member}`))
    assert.deepEqual(new Set(bySide), new Set(byTeam))
    assert.ok(bySide.length > 0)
  })

  promise('a person has the roles of their teams and may look in any case', async (identity) => {
    const teams = await identity.teams()

    for (const person of await identity.people()) {
      const given = teams.filter(({ name }) => person.teams.includes(name)).map(({ role }) => role)
      assert.deepEqual(new Set(person.roles), new Set([...given, 'viewer']))
    }
  })

  promise('names are unique', async (identity) => {
    for (const all of [await identity.people(), await identity.teams()]) {
      const names = all.map(({ name }) => name)
      assert.equal(new Set(names).size, names.length)
    }
  })
}
