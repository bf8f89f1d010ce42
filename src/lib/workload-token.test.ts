import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWorkloadToken, workloadToken } from './workload-token.ts'

const shop = { service: 'shop', environment: 'dev', owner: 'team-a' }
const secret = 'a secret of the platform'

test('a token says whose it is', () => {
  assert.deepEqual(readWorkloadToken(secret, workloadToken(secret, shop)), shop)
})

test('a token with another name, another secret or a cut code is nobody’s', () => {
  const token = workloadToken(secret, shop)

  const forged = [
    token.replace('.shop.', '.bank.'),
    token.replace('.dev.', '.production.'),
    token.replace('.team-a.', '.team-b.'),
    token.slice(0, -1),
    `${token}.x`,
    token.replace('fw1', 'fw2'),
    'fw1....',
    '',
  ]

  for (const wrong of forged) assert.equal(readWorkloadToken(secret, wrong), undefined, wrong)
  assert.equal(readWorkloadToken('another secret', token), undefined)
})

test('names that could shift the parts of a token are refused', () => {
  assert.throws(() => workloadToken(secret, { ...shop, service: 'shop.dev' }), TypeError)
  assert.throws(() => workloadToken(secret, { ...shop, owner: 'a/b' }), TypeError)
})
