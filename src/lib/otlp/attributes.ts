import { storable } from './clean-text.ts'

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }
export type Attributes = Record<string, Plain>

const maxDepth = 8
const maxKeys = 128

export function record(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A list of OTLP KeyValue as plain data, limited in depth and number; what a payload calls `__proto__` is only a key. */
export function attributesOf(keyValues: unknown): Attributes {
  return Object.fromEntries(pairs(keyValues, 1))
}

/** An OTLP AnyValue as plain data; undefined when it holds nothing. */
export function plainOf(anyValue: unknown, depth = 1): Plain | undefined {
  const value = record(anyValue)
  if (typeof value['stringValue'] === 'string') return storable(value['stringValue'])
  if (typeof value['boolValue'] === 'boolean') return value['boolValue']
  if (value['intValue'] !== undefined) return integer(value['intValue'])
  if (value['doubleValue'] !== undefined) return double(value['doubleValue'])
  if (typeof value['bytesValue'] === 'string') return storable(value['bytesValue'])
  if (value['arrayValue'] === undefined && value['kvlistValue'] === undefined) return undefined
  if (depth >= maxDepth) return '…'
  if (value['kvlistValue'] !== undefined) {
    return Object.fromEntries(pairs(record(value['kvlistValue'])['values'], depth + 1))
  }
  const values = list(record(value['arrayValue'])['values']).slice(0, maxKeys)
  return values.map((item) => plainOf(item, depth + 1) ?? null)
}

/** One attribute as text, without reading the others. */
export function attributeText(keyValues: unknown, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const found = list(keyValues).find((item) => record(item)['key'] === key)
    const value = found && plainOf(record(found)['value'])
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value as string | number | boolean)
  }
  return undefined
}

/** Nanoseconds since 1970 as milliseconds, or undefined for absent, zero or nonsense. */
export function millisOf(nanos: unknown): number | undefined {
  const number = Number(typeof nanos === 'string' || typeof nanos === 'number' ? nanos : Number.NaN)
  return Number.isFinite(number) && number > 0 ? number / 1e6 : undefined
}

export function numberOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** Keeps keys while they fit into `bytes` of JSON; says so where some did not. */
export function cutAttributes(attributes: Attributes, bytes: number): Attributes {
  if (Buffer.byteLength(JSON.stringify(attributes)) <= bytes) return attributes
  const kept: [string, Plain][] = [['fairway.cut', true]]
  let left = bytes - 22
  for (const [key, value] of Object.entries(attributes)) {
    const size = Buffer.byteLength(JSON.stringify({ [key]: value }))
    if (size > left) continue
    left -= size
    kept.push([key, value])
  }
  return Object.fromEntries(kept)
}

function* pairs(keyValues: unknown, depth: number): Iterable<[string, Plain]> {
  for (const item of list(keyValues).slice(0, maxKeys)) {
    const { key, value } = record(item)
    const plain = plainOf(value, depth)
    if (typeof key === 'string' && plain !== undefined) yield [storable(key), plain]
  }
}

function integer(value: unknown): Plain {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  return typeof value === 'string' ? storable(value.slice(0, 40)) : null
}

// JSON has no infinity; OTLP/JSON writes it as text.
function double(value: unknown): Plain {
  const number = Number(value)
  return Number.isFinite(number) ? number : String(number)
}
