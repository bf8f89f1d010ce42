import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordedRow } from '#store/record.ts'
import { readRecord, recordPath, recordText } from './record-files.ts'

const records: readonly RecordedRow[] = [
  { kind: 'service', key: 'shop', row: { name: 'shop' } },
  { kind: 'release', key: 'shop/abc', row: { service: 'shop', commit: 'abc' } },
  { kind: 'deployment_outcome', key: 'dev/shop/abc', row: { outcome: 'healthy' } },
  { kind: 'run', key: 'r23456789a', row: { id: 'r23456789a' }, steps: [{ name: 'merge' }] },
]

test('a record reads back as what was written, whatever the order of its fields', () => {
  const read = records.map((record) => readRecord(recordPath(record), recordText(record)))

  const turned = recordText({ kind: 'service', key: 'shop', row: { b: 1, a: 2 } })

  assert.deepEqual(read, records)
  assert.equal(turned, recordText({ kind: 'service', key: 'shop', row: { a: 2, b: 1 } }))
})

test('what is no record is none: another folder, broken JSON, another shape', () => {
  const path = 'v1/services/shop.json'

  const read = [
    readRecord('README.md', '{}'),
    readRecord('v1/others/shop.json', '{"row":{}}'),
    readRecord(path, '{'),
    readRecord(path, '{"row":[]}'),
    readRecord(path, '{"row":{},"more":1}'),
  ]

  assert.deepEqual(read, [undefined, undefined, undefined, undefined, undefined])
})
