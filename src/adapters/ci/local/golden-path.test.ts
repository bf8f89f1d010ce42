import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { startLocalCi } from '../../../../testing/local-ci.ts'
import { readFolder } from '../../../../testing/read-folder.ts'

const shop = fileURLToPath(new URL('../../../../templates/http-api/examples/shop/expected', import.meta.url))
const skip = process.env['FAIRWAY_TEST_NPM'] ? false : 'set FAIRWAY_TEST_NPM=1 to install from the package registry'

for (const hidden of [false, true]) {
  test(`what the golden path makes is built, and the second time from the cache (${hidden ? 'bwrap hidden' : 'as here'})`, {
    skip,
  }, async (t) => {
    const place = await startLocalCi(t, { hidden })
    const files = Object.fromEntries(readFolder(shop))
    const first = await place.build(await place.commit(files), 'first')

    const second = await place.build(await place.commit({ ...files, 'note.txt': 'changed' }), 'second')

    assert.equal(first.result.failure, undefined)
    assert.equal(second.result.state, 'success')
    assert.ok(second.lines.some(({ text }) => text === 'dependencies are in the cache'))
    assert.equal(second.result.output?.digest, first.result.output?.digest, 'the same sources give the same folder')
  })
}
