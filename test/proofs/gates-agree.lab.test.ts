import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, test } from 'node:test'
import { labFacts } from '../../testing/lab.ts'
import { prove, small } from './gates-agree.ts'

const lab = await labFacts('gatekeeper')

describe('gates agree', { skip: lab.skip, timeout: 300_000 }, () => {
  test('the rules here and the cluster’s admission say the same of random objects, word for word', async () => {
    const { holds, figures } = await prove({ seed: randomInt(2 ** 31), size: small })

    assert.ok(holds, JSON.stringify(figures, undefined, 2))
  })

  test('a cluster whose rules are given other registries is found out', async () => {
    const { holds, figures } = await prove({ seed: randomInt(2 ** 31), size: 20, planted: true })

    assert.equal(holds, false)
    assert.ok(figures.disagreements > 0)
  })
})
