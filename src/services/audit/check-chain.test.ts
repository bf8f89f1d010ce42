import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { signingKey } from '#lib/signing-key.ts'
import type { AuditLink, SignedHead } from '#model/audit-chain.ts'
import { canonical } from '#model/audit-lines.ts'
import { hashOf, noHash, type StoredLink } from '#store/audit-chain.ts'
import { chainCheck } from './check-chain.ts'

const key = signingKey(randomBytes(32).toString('base64url'))
const other = signingKey(randomBytes(32).toString('base64url'))
type Act = Partial<Pick<AuditLink, 'actor' | 'action' | 'object' | 'phase' | 'run'>>

test('a chain whose heads were signed holds, and says how far it is signed', () => {
  const links = chainOf([{}, {}, {}])

  const report = judge(links, [headAt(links, 2)])

  assert.deepEqual([report.ok, report.rows, report.position, report.signed, report.heads], [true, 3, 3, 2, 1])
  assert.equal(report.hash, links[2]?.hash)
})

test('an empty chain without heads holds', () => {
  const report = judge([], [])

  assert.deepEqual([report.ok, report.position, report.hash], [true, 0, noHash])
})

test('each kind of break is named at its place', () => {
  const links = chainOf([{}, {}, {}])
  const [first, second, third] = links as [StoredLink, StoredLink, StoredLink]
  const edited = { ...second, link: { ...(second.link as AuditLink), actor: 'mallory' } }
  const rehashed = { ...edited, hash: hashOf(edited.link) }

  const found = {
    edited: judge([first, edited, third], []),
    rehashed: judge([first, rehashed, third], []),
    gone: judge([first, { ...second, link: undefined }, third], []),
    left: judge([first, third], []),
    cut: judge([first, second], [headAt(links, 3)]),
    another: judge(chainOf([{ actor: 'mallory' }]), [headAt(links, 1)]),
  }

  const words = Object.values(found).map(({ ok, problems }) => [ok, problems[0]?.position, problems[0]?.message])
  assert.deepEqual(words, [
    [false, 2, 'the record is not the one that was linked'],
    [false, 3, 'the link does not follow the one before it'],
    [false, 2, 'the record is gone'],
    [false, 3, 'the chain goes from position 1 to 3'],
    [false, 3, 'the chain ends at position 2, but a head was signed at 3'],
    [false, 1, 'the link is not the one that was signed'],
  ])
})

test('a head counts only under a trusted key, with a good signature, and with none missing before it', () => {
  const links = chainOf([{}, {}])
  const good = headAt(links, 1)

  const reports = [
    judge(links, [{ ...good, signature: Buffer.alloc(64).toString('base64') }]),
    judge(links, [headAt(links, 1, { by: other })]),
    judge(links, [headAt(links, 2, { count: 1 })]),
  ]

  assert.deepEqual(
    reports.map(({ problems }) => problems[0]?.message.replace(/[0-9a-f]{64}/, 'KEY')),
    [
      'the signature of the head is wrong',
      'the head is signed with an unknown key, KEY',
      'a head is missing between positions 0 and 2',
    ],
  )
  assert.deepEqual(
    reports.slice(0, 2).map(({ signed }) => signed),
    [0, 0],
  )
})

test('two who do the same at once both have their outcomes; an outcome that nothing announced is a problem', () => {
  const act = { run: 'r1', action: 'change.approve', object: 'change:a' }
  const [intent, outcome] = [
    { ...act, phase: 'intent' as const },
    { ...act, phase: 'outcome' as const },
  ]

  const together = judge(chainOf([intent, intent, outcome, outcome]), [])
  const alone = judge(chainOf([intent, outcome, outcome]), [])

  assert.deepEqual([together.ok, together.intents], [true, []])
  assert.deepEqual(
    alone.problems.map(({ position, message }) => [position, message]),
    [[3, 'an outcome without an intent before it']],
  )
})

test('an intent without its outcome is open, and one that a later attempt did again says so', () => {
  const step = { run: 'r1', action: 'run.merge', object: 'run:r1' }
  const [intent, outcome] = [
    { ...step, phase: 'intent' as const },
    { ...step, phase: 'outcome' as const },
  ]

  const repeated = judge(chainOf([intent, intent, outcome]), [])
  const open = judge(chainOf([intent, intent]), [])

  assert.deepEqual(
    repeated.intents.map(({ seq, state }) => [seq, state]),
    [[1, 'repeated']],
  )
  assert.deepEqual(
    open.intents.map(({ seq, state }) => [seq, state]),
    [
      [1, 'repeated'],
      [2, undefined],
    ],
  )
})

function judge(links: readonly StoredLink[], heads: readonly SignedHead[]) {
  const check = chainCheck(heads, [key.pem])
  for (const link of links) check.add(link)
  return check.end()
}

function chainOf(acts: readonly Act[]): StoredLink[] {
  let previous = noHash
  return acts.map((act, index) => {
    const position = index + 1
    const at = `2026-11-23T00:00:0${index}.000000Z`
    const link: AuditLink = {
      position,
      previous,
      linkedAt: at,
      seq: position,
      at,
      actor: 'dev',
      onBehalfOf: null,
      action: 'promote',
      object: 'service:shop',
      phase: 'act',
      result: null,
      run: null,
      commit: null,
      detail: '{}',
      ...act,
    }
    previous = hashOf(link)
    return { position, seq: position, hash: previous, link }
  })
}

function headAt(links: readonly StoredLink[], position: number, { by = key, count = position } = {}): SignedHead {
  const head = {
    position,
    hash: links[position - 1]?.hash ?? '',
    at: '2026-11-23T00:01:00.000Z',
    count,
    key: by.fingerprint,
  }
  return { signature: by.sign(canonical(head)), head }
}
