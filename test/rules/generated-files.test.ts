import assert from 'node:assert/strict'
import { test } from 'node:test'
import { staleFiles } from '../../tools/stale-files.ts'
import { root } from './checkout.ts'

test('generated files are what their generators write today', async () => {
  const stale = await staleFiles(root)

  assert.deepEqual(stale, [], 'run npm run generate')
})
