import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { logRecords, readLog } from './log-records.ts'
import { ExportLogsRequest, ExportTraceRequest } from './messages.ts'
import { decodeProtobuf, MalformedPayload } from './protobuf.ts'
import { readSpan, spanRecords } from './spans.ts'

test('any bytes are either read or refused as malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      for (const message of [ExportLogsRequest, ExportTraceRequest]) {
        try {
          const request = decodeProtobuf(bytes, message)
          logRecords(request).map(readLog)
          spanRecords(request).map(readSpan)
        } catch (error) {
          assert.ok(error instanceof MalformedPayload, String(error))
        }
      }
    }),
    { numRuns: 2_000 },
  )
})

test('nesting deeper than any real payload is refused', () => {
  let value: Buffer = Buffer.from([0x0a, 0x01, 0x61]) // AnyValue { stringValue: 'a' }
  for (let depth = 0; depth < 60; depth++) value = field(5, field(1, value)) // in an array, in an array, …
  const request = field(1, field(2, field(2, field(5, value))))

  assert.throws(() => decodeProtobuf(request, ExportLogsRequest), /nested too deeply/)
})

test('four megabytes of empty records are refused before they become a hundred times that', () => {
  const request = field(1, field(2, Buffer.alloc(4_000_000, Buffer.from([0x12, 0x00]))))

  assert.throws(() => decodeProtobuf(request, ExportLogsRequest), /too many parts/)
})

test('a length that points behind the end is refused', () => {
  assert.throws(() => decodeProtobuf(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]), ExportLogsRequest), /ends early/)
})

function field(number: number, content: Buffer): Buffer {
  const length: number[] = []
  for (let left = content.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left)
    if (left <= 127) break
  }
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), content])
}
