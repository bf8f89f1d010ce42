import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { labFacts } from '../../testing/lab.ts'
import { prove, small } from './engine-swap.ts'

const lab = await labFacts('gitea')

describe('products swap', { skip: lab.skip, timeout: 900_000 }, () => {
  test('the Git host is another one and the first again, and no service, release, deployment or entry is lost or made anew', async () => {
    const { holds, figures } = await prove({ size: small })

    assert.ok(holds, JSON.stringify(figures, undefined, 2))
  })
})
