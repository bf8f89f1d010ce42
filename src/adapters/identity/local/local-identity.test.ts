import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeIdentity } from '#ports/identity.contract.ts'
import { localIdentity, parseOrganisation } from './local-identity.ts'

const org = join(import.meta.dirname, '../../../../org')

describeIdentity('local identity with the people we ship', async () => {
  const paths = (await readdir(org)).filter((name) => /\.ya?ml$/.test(name))
  const texts = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(org, path), 'utf8') })))
  return localIdentity(async () => ({ version: '1', texts }))
})

const group = (name: string, role: string, members: string[] = []) =>
  `kind: Group\nmetadata: { name: ${name}, annotations: { fairway.dev/role: ${role} } }\nspec: { members: ${JSON.stringify(members)} }\n`
const user = (name: string, memberOf: string[] = []) =>
  `kind: User\nmetadata: { name: ${name} }\nspec: { memberOf: ${JSON.stringify(memberOf)} }\n`
const parse = (...texts: string[]) => parseOrganisation([{ path: 'people.yaml', text: texts.join('---\n') }])

test('membership counts whether the group or the person names it, and once when both do', () => {
  const { people, teams } = parse(
    group('a', 'developer', ['ann', 'bob']),
    user('ann'),
    user('bob', ['a']),
    user('cy', ['a']),
  )

  assert.deepEqual(teams[0]?.members, ['ann', 'bob', 'cy'])
  assert.deepEqual(
    people.map(({ teams: mine }) => mine),
    [['a'], ['a'], ['a']],
  )
})

test('a role that does not exist gives nobody more than looking', () => {
  const { people } = parse(group('a', 'administrator', ['ann']), user('ann'))

  assert.deepEqual(people[0]?.roles, ['viewer'])
})

test('a member whom nobody knows is no person, and gains nothing', () => {
  const { people, teams } = parse(group('a', 'platform-engineer', ['ghost']), user('ann'))

  assert.deepEqual(teams[0]?.members, [])
  assert.deepEqual(
    people.map(({ name }) => name),
    ['ann'],
  )
})

test('a broken file is named with its field', () => {
  assert.throws(() => parse('kind: User\nmetadata: {}\nspec: {}\n'), {
    code: 'SETTINGS_INVALID',
    message: /org\/people\.yaml: metadata\.name/,
  })
})

test('people are read again only when the version changes', async () => {
  let given = { version: '1', texts: [{ path: 'a.yaml', text: user('ann') }] }
  const identity = localIdentity(async () => given)
  assert.equal((await identity.people()).length, 1)

  given = { version: '2', texts: [{ path: 'a.yaml', text: `${user('ann')}---\n${user('bob')}` }] }

  assert.deepEqual((await identity.find('bob'))?.roles, ['viewer'])
})
