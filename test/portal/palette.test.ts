import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { outOf, shortcuts } from '../../portal/app/keys.ts'
import { type Entry, listed, type Section } from '../../portal/app/palette/entry.ts'
import { matchOf } from '../../portal/app/palette/match.ts'

const entry = (section: Section, title: string, more: Partial<Entry> = {}): Entry => ({
  id: `${section} ${title}`,
  section,
  title,
  open: { to: `/${section}/${title}` },
  ...more,
})
const titles = (query: string, entries: readonly Entry[]) =>
  listed(query, entries).map(({ section, entries: shown }) => [section, ...shown.map(({ title }) => title)])

test('a match is the beginning, a word, a part, a word beside it, or the letters in their order', () => {
  assert.equal(matchOf('check', 'checkout')?.tier, 3)
  assert.equal(matchOf('checkout production', 'Promote checkout to production…')?.tier, 2)
  assert.equal(matchOf('production promote', 'Promote checkout to production…')?.tier, 2)
  assert.equal(matchOf('team-b', 'checkout', 'service of team-b')?.tier, 1)
  assert.equal(matchOf('chk', 'checkout')?.tier, 0)
  assert.equal(matchOf('pctp', 'Promote checkout to production…')?.tier, 0)
  assert.equal(matchOf('zebra', 'checkout', 'service of team-b'), undefined)
  assert.equal(matchOf('checkout zebra', 'checkout'), undefined)
})

test('what was typed is marked where it stands', () => {
  assert.deepEqual(matchOf('to', 'checkout to dev')?.at, [9, 10])
  assert.deepEqual(matchOf('cho', 'checkout')?.at, [0, 1, 5])
})

test('sections stand in one order, and only one that begins as it was typed goes before', () => {
  const entries = [
    entry('Docs', 'Roll back a release'),
    entry('Runs', 'Promote shop to staging'),
    entry('Acts', 'Promote shop to production…'),
    entry('Catalog', 'shop'),
  ]

  assert.deepEqual(
    titles('shop', entries).map(([section]) => section),
    ['Catalog', 'Acts', 'Runs'],
  )
  assert.deepEqual(titles('roll', entries), [['Docs', 'Roll back a release']])
  assert.deepEqual(
    titles('to', entries).map(([section]) => section),
    ['Acts', 'Runs'],
  )
})

test('lines that fit alike keep their order, and better ones go before', () => {
  const entries = ['Logs of shop in dev', 'Logs of shop in qas', 'shop'].map((title) => entry('Acts', title))

  assert.deepEqual(titles('shop', entries), [['Acts', 'shop', 'Logs of shop in dev', 'Logs of shop in qas']])
})

test('mere letters are shown only while nothing has the word', () => {
  const entries = [entry('Catalog', 'checkout'), entry('Catalog', 'chk-tool')]

  assert.deepEqual(titles('chk', entries), [['Catalog', 'chk-tool']])
  assert.deepEqual(titles('ckt', entries.slice(0, 1)), [['Catalog', 'checkout']])
})

test('one page stands once, under the section that comes first', () => {
  const open = { to: '/catalog/component/default/shop' }

  assert.deepEqual(titles('shop', [entry('Recent', 'shop', { open }), entry('Catalog', 'shop', { open })]), [
    ['Recent', 'shop'],
  ])
})

test('what the platform found stays, even when its title has no such word', () => {
  assert.deepEqual(titles('cosign', [entry('Docs', 'Supply chain', { found: true })]), [['Docs', 'Supply chain']])
})

test('without a word it shows what was looked at, acts and pages; the catalog only to somebody new', () => {
  const entries = [entry('Catalog', 'shop'), entry('Runs', 'Create shop'), entry('Pages', 'Home')]

  assert.deepEqual(
    titles('', entries).map(([section]) => section),
    ['Catalog', 'Pages'],
  )
  assert.deepEqual(
    titles('', [entry('Recent', 'basket'), ...entries]).map(([section]) => section),
    ['Recent', 'Pages'],
  )
})

test('no two shortcuts are the same keys, and none is the beginning of another', () => {
  const keys = shortcuts.map((one) => one.keys)

  assert.equal(new Set(keys).size, keys.length)
  assert.deepEqual(
    keys.filter((one) => keys.some((other) => other.startsWith(`${one} `))),
    [],
  )
})

test('Esc leads one level out', () => {
  const ways = {
    '/': undefined,
    '/runs': '/',
    '/runs/r1': '/runs',
    '/runs/r1/commits/abc': '/runs/r1',
    '/catalog/component/default/shop': '/catalog',
    '/catalog/component/default/shop/logs': '/catalog/component/default/shop',
    '/catalog/component/default/shop/traces/abc': '/catalog/component/default/shop/traces',
    '/catalog/group/default/team-a': '/catalog?kind=group',
    '/changes/fairway/delivery/3': '/changes',
    '/docs/fairway/docs/guide/secrets.md': '/docs',
    '/admin/doctor': '/',
  }

  for (const [from, to] of Object.entries(ways)) assert.equal(outOf(from), to, from)
})

test('docs/guide/keyboard.md lists every shortcut that the portal has, and no other', async () => {
  const text = await readFile(new URL('../../docs/guide/keyboard.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| (`.+`) \| (.+?) \|$/gm)].map(([, keys, does]) => `${keys} ${does}`)
  const said = shortcuts.map(({ keys, does, group }) => {
    const written = keys
      .split(' ')
      .map((key) => `\`${key}\``)
      .join(' ')
    return `${written} ${group === 'Go to' ? `Go to ${does}` : does}`
  })

  assert.deepEqual(rows.toSorted(), said.toSorted())
})
