import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pipelineFile, startLocalCi } from '../../../../testing/local-ci.ts'

const limits = { bytes: 8_000_000, entries: 400, reserve: 1_000 }
const endless = `const fs = require('fs'), block = Buffer.alloc(1 << 20, 1); let at = 0
  setInterval(() => fs.writeFileSync('file' + at++, block), 5)`
const crowd = `const fs = require('fs'); let at = 0; setInterval(() => fs.writeFileSync('file' + at++, ''), 1)`

for (const [what, script, reason] of [
  ['more than it may', endless, /was ended: it wrote more than 8 MB/],
  ['more files than it may', crowd, /was ended: it made more than 400 files and folders/],
] as const)
  test(`a step that writes ${what} is ended while it runs, says why, and leaves nothing`, async (t) => {
    const place = await startLocalCi(t, { diskLimits: limits })
    const step = { name: 'fill', run: ['node', '-e', script] }
    const commit = await place.commit({ '.fairway/pipeline.yaml': pipelineFile([step]) })

    const { result } = await place.build(commit)

    assert.match(result.failure?.reason ?? '', reason)
    assert.deepEqual(await readdir(join(place.workRoot.path, 'runs')), [])
  })

test('what a step wrote just before it ended counts too', async (t) => {
  const place = await startLocalCi(t, { diskLimits: limits })
  const script = `for (let at = 0; at < 12; at++) require('fs').writeFileSync('file' + at, Buffer.alloc(1 << 20, 1))`
  const commit = await place.commit({
    '.fairway/pipeline.yaml': pipelineFile([{ name: 'fill', run: ['node', '-e', script] }]),
  })

  const { result } = await place.build(commit)

  assert.match(result.failure?.reason ?? '', /it wrote more than 8 MB/)
})
