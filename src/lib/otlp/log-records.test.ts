import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logRecords, maxLineBytes, readLog } from './log-records.ts'

test('a JSON line of the golden path is taken apart', () => {
  const line = { time: '2026-11-22T10:00:00Z', level: 'error', msg: 'request', trace_id: 'AB'.repeat(16), status: 503 }

  const read = readLog(recordOf({ body: JSON.stringify(line), severityNumber: 9 }))

  assert.deepEqual(
    [read.text, read.level, read.traceId, read.fields],
    ['request', 'error', 'ab'.repeat(16), { status: 503 }],
  )
})

test('a line that only looks like JSON stays as it is', () => {
  for (const body of ['{oops}', '{"no":"message"}', '{"msg":7}', '{', '[1]', '{"msg":"cut of']) {
    assert.equal(readLog(recordOf({ body })).text, body)
  }
})

test('severity numbers of OpenTelemetry become levels', () => {
  const levels = [0, 1, 4, 5, 9, 12, 13, 17, 20, 21, 24, 25].map(
    (number) => readLog(recordOf({ severityNumber: number })).level,
  )

  const words = ['info', 'trace', 'trace', 'debug', 'info', 'info', 'warn', 'error', 'error', 'fatal', 'fatal', 'info']
  assert.deepEqual(levels, words)
})

test('a long line and many fields are cut, and say so', () => {
  const read = readLog(recordOf({ body: 'ü'.repeat(20_000), fields: { small: 'kept', huge: 'x'.repeat(20_000) } }))

  assert.ok(Buffer.byteLength(read.text) <= maxLineBytes)
  assert.match(read.text, /ü…$/)
  assert.deepEqual(read.fields, { 'fairway.cut': true, small: 'kept' })
})

test('what PostgreSQL cannot store and terminals should not see is gone; colours stay', () => {
  const read = readLog(
    recordOf({
      body: 'a\u0000b \ud800 \u001b[31mred\u001b[0m \u001b[2J\u001b]8;;http://x\u0007 one\ntwo\r\n',
      fields: { k: '\u0000\udfff' },
    }),
  )

  assert.equal(read.text, 'a\ufffdb \ufffd \u001b[31mred\u001b[0m  one ⏎ two')
  assert.deepEqual(read.fields, { k: '\ufffd\ufffd' })
})

test('a field called __proto__ is only a field', () => {
  const read = readLog(recordOf({ fields: { ['__proto__']: 'x', polluted: 'no' } }))

  assert.deepEqual(Object.keys(read.fields ?? {}).sort(), ['__proto__', 'polluted'])
  assert.equal(({} as { x?: unknown }).x, undefined)
})

test('no shape of JSON stops the reader', () => {
  for (const request of [
    [],
    {},
    { resourceLogs: 1 },
    { resourceLogs: [null, 7, { scopeLogs: [{ logRecords: [null, 'x', { body: [] }] }] }] },
  ]) {
    assert.ok(
      logRecords(request)
        .map(readLog)
        .every(({ text }) => text === ''),
    )
  }
})

function recordOf({
  body = '',
  severityNumber,
  fields = {},
}: {
  body?: string
  severityNumber?: number
  fields?: Record<string, string>
}) {
  const attributes = Object.entries(fields).map(([key, value]) => ({ key, value: { stringValue: value } }))
  return { resource: [], record: { body: { stringValue: body }, severityNumber, attributes } }
}
