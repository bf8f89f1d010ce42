/** What a field holds. Names follow OTLP/JSON, so that one reader serves both encodings. */
export type Kind = 'string' | 'hex' | 'bool' | 'int' | 'float64' | 'uint64' | 'sint64' | 'varint'
export interface Field {
  readonly name: string
  readonly kind: Kind | (() => Message)
  readonly repeated?: boolean
}
export type Message = Readonly<Record<number, Field>>

interface Limits {
  depth: number
  parts: number
}

/** A payload that is not what its content type says. */
export class MalformedPayload extends Error {}

const decoder = new TextDecoder()
const maxDepth = 32
const maxParts = 400_000

/**
 * Reads protobuf wire format (https://protobuf.dev/programming-guides/encoding/) into the shape OTLP/JSON has.
 * Unknown fields are skipped; nesting and the number of messages are limited, so that 4 MiB cannot become gigabytes.
 */
export function decodeProtobuf(bytes: Uint8Array, message: Message): Record<string, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cursor = { bytes, view, at: 0 }
  return readMessage(cursor, bytes.length, { message, limits: { depth: 0, parts: 0 } })
}

interface Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
}

function readMessage(
  cursor: Cursor,
  end: number,
  { message, limits }: { message: Message; limits: Limits },
): Record<string, unknown> {
  if (++limits.parts > maxParts) throw new MalformedPayload('the payload has too many parts')
  if (++limits.depth > maxDepth) throw new MalformedPayload('the payload is nested too deeply')
  const out: Record<string, unknown> = {}
  while (cursor.at < end) {
    const tag = readVarint(cursor, end)
    const wire = tag % 8
    const field = message[Math.floor(tag / 8)]
    if (field === undefined) {
      skip(cursor, wire, end)
      continue
    }
    readField(cursor, { field, wire, end, out, limits })
  }
  limits.depth--
  return out
}

interface FieldContext {
  readonly field: Field
  readonly wire: number
  readonly end: number
  readonly out: Record<string, unknown>
  readonly limits: Limits
}

function readField(cursor: Cursor, { field, wire, end, out, limits }: FieldContext): void {
  const { name, kind, repeated } = field
  if (typeof kind !== 'function' && wire === 2 && kind !== 'string' && kind !== 'hex') {
    const stop = lengthEnd(cursor, end)
    const values: unknown[] = repeated ? listOf(out, name) : []
    while (cursor.at < stop) values.push(readScalar(cursor, kind, stop))
    if (!repeated) throw new MalformedPayload(`field ${name} is not a list`)
    return
  }
  const value =
    typeof kind === 'function'
      ? readMessage(cursor, wireEnd(cursor, { wire, end, name }), { message: kind(), limits })
      : readExpected(cursor, { kind, wire, end, name })
  if (repeated) listOf(out, name).push(value)
  else out[name] = value
}

const wireOf: Record<Kind, number> = {
  string: 2,
  hex: 2,
  bool: 0,
  int: 0,
  varint: 0,
  float64: 1,
  uint64: 1,
  sint64: 1,
}

function readExpected(
  cursor: Cursor,
  { kind, wire, end, name }: { kind: Kind; wire: number; end: number; name: string },
): unknown {
  if (wireOf[kind] !== wire) throw new MalformedPayload(`field ${name} has the wrong type`)
  if (kind !== 'string' && kind !== 'hex') return readScalar(cursor, kind, end)
  const stop = lengthEnd(cursor, end)
  const part = cursor.bytes.subarray(cursor.at, stop)
  cursor.at = stop
  return kind === 'string' ? decoder.decode(part) : Buffer.from(part).toString('hex')
}

function readScalar(cursor: Cursor, kind: Exclude<Kind, 'string' | 'hex'>, end: number): unknown {
  if (kind === 'bool') return readVarint(cursor, end) !== 0
  if (kind === 'varint') return readVarint(cursor, end)
  if (kind === 'int') return signed(readBigVarint(cursor, end))
  if (cursor.at + 8 > end) throw new MalformedPayload('the payload ends early')
  const at = cursor.at
  cursor.at += 8
  if (kind === 'float64') return cursor.view.getFloat64(at, true)
  const high = kind === 'uint64' ? cursor.view.getUint32(at + 4, true) : cursor.view.getInt32(at + 4, true)
  // Nanoseconds lose less than half a microsecond as a double, which no reader here can see.
  return high * 4_294_967_296 + cursor.view.getUint32(at, true)
}

function readVarint(cursor: Cursor, end: number): number {
  let value = 0
  let factor = 1
  for (let count = 0; count < 10; count++) {
    if (cursor.at >= end) throw new MalformedPayload('the payload ends early')
    const byte = cursor.bytes[cursor.at++] as number
    value += (byte & 127) * factor
    if (byte < 128) return value
    factor *= 128
  }
  throw new MalformedPayload('a number is too long')
}

function readBigVarint(cursor: Cursor, end: number): bigint {
  const start = cursor.at
  const small = readVarint(cursor, end)
  if (cursor.at - start < 8) return BigInt(small)
  let value = 0n
  for (let at = start; at < cursor.at; at++) {
    value |= BigInt((cursor.bytes[at] as number) & 127) << BigInt((at - start) * 7)
  }
  return value
}

function signed(value: bigint): number | string {
  const exact = BigInt.asIntN(64, value)
  const number = Number(exact)
  return Number.isSafeInteger(number) ? number : exact.toString()
}

function wireEnd(cursor: Cursor, { wire, end, name }: { wire: number; end: number; name: string }): number {
  if (wire !== 2) throw new MalformedPayload(`field ${name} has the wrong type`)
  return lengthEnd(cursor, end)
}

function lengthEnd(cursor: Cursor, end: number): number {
  const stop = readVarint(cursor, end) + cursor.at
  if (stop > end) throw new MalformedPayload('the payload ends early')
  return stop
}

function skip(cursor: Cursor, wire: number, end: number): void {
  if (wire === 0) readVarint(cursor, end)
  else if (wire === 1) cursor.at += 8
  else if (wire === 2) cursor.at = lengthEnd(cursor, end)
  else if (wire === 5) cursor.at += 4
  else throw new MalformedPayload('the payload is not protobuf')
  if (cursor.at > end) throw new MalformedPayload('the payload ends early')
}

function listOf(out: Record<string, unknown>, name: string): unknown[] {
  const list = (out[name] as unknown[] | undefined) ?? []
  out[name] = list
  return list
}
