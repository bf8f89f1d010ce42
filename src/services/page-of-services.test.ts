import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pageOfServices } from './page-of-services.ts'

test('walking the pages shows each service that a filter keeps once, in order, whatever the size of a page', async () => {
  const rows = fc.array(fc.record({ isKept: fc.boolean() }), { maxLength: 90 })
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 60 }), async (kept, limit) => {
      const all = kept.map(({ isKept }, index) => ({ name: `s-${String(index).padStart(3, '0')}`, isKept }))
      const wanted = all.filter(({ isKept }) => isKept).map(({ name }) => name)
      const shown: string[] = []
      for (let cursor: string | undefined; ; ) {
        const page = await pageOfServices(
          all,
          { cursor, limit },
          { read: async (row) => row, keeps: ({ isKept }) => isKept },
        )
        assert.ok(page.items.length <= limit)
        assert.equal(page.total, all.length)
        shown.push(...page.items.map(({ name }) => name))
        if (page.next === undefined) break
        assert.equal(page.items.length, limit, 'a page that is not the last one is full')
        cursor = page.next
      }
      assert.deepEqual(shown, wanted)
    }),
  )
})
