import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureAnswer, successAnswer } from './answer.ts'
import { decodeProtobuf } from './protobuf.ts'

const partial = { 1: { name: 'rejected', kind: 'varint' }, 2: { name: 'message', kind: 'string' } } as const

test('full success is an empty answer', () => {
  assert.equal(successAnswer('logs', false, { rejected: 0 }).body, '{}')
  assert.equal(successAnswer('logs', true, { rejected: 0 }).body.length, 0)
})

test('partial success says how many and why, in both encodings', () => {
  const receipt = { rejected: 1_234, message: 'not stored' }
  const { body } = successAnswer('traces', true, receipt)

  assert.deepEqual(decodeProtobuf(Buffer.from(body), { 1: { name: 'partial', kind: () => partial } }), {
    partial: { rejected: 1_234, message: 'not stored' },
  })
  assert.deepEqual(JSON.parse(String(successAnswer('traces', false, receipt).body)), {
    partialSuccess: { rejectedSpans: '1234', errorMessage: 'not stored' },
  })
})

test('a failure is a status with a message', () => {
  assert.deepEqual(decodeProtobuf(Buffer.from(failureAnswer(true, 'no').body), partial), { message: 'no' })
  assert.deepEqual(JSON.parse(String(failureAnswer(false, 'no').body)), { message: 'no' })
})
