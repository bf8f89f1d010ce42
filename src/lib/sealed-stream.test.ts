import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { seal, SealError, unseal } from './sealed-stream.ts'

const secret = Buffer.from('a key of more than twenty characters')

test('what was sealed comes back, whatever its length and however it is cut', async () => {
  for (const length of [0, 1, 1 << 18, (1 << 18) + 1, 1_000_003]) {
    const plain = randomBytes(length)

    const opened = await open(cut(await sealed(plain), 70_001), secret)

    assert.ok(opened.equals(plain), `${length} bytes`)
  }
})

test('the same bytes are never sealed alike, and none of them is to be seen', async () => {
  const plain = Buffer.alloc(100_000, 'canary')

  const [one, other] = await Promise.all([sealed(plain), sealed(plain)])

  assert.equal(one.equals(other), false)
  assert.equal(one.includes('canary'), false)
})

test('another key is told as such', async () => {
  const file = await sealed(Buffer.from('hello'))

  await assert.rejects(open([file], Buffer.from('another key of twenty characters')), reason('key'))
})

test('a flipped byte anywhere, a lost end, a chunk in another place and something more are refused', async () => {
  const plain = randomBytes(600_000)
  const file = await sealed(plain)
  const [head, frame] = [49, (1 << 18) + 20]
  const swapped = Buffer.concat([
    file.subarray(0, head),
    file.subarray(head + frame, head + 2 * frame),
    file.subarray(head, head + frame),
    file.subarray(head + 2 * frame),
  ])
  const withoutLast = file.subarray(0, head + 2 * frame)
  const flips = Array.from({ length: 40 }, () => {
    const copy = Buffer.from(file)
    const at = Math.floor(Math.random() * file.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
    return copy
  })

  for (const broken of [...flips, swapped, withoutLast, file.subarray(0, -1), Buffer.concat([file, file.subarray(-1)])])
    await assert.rejects(open([broken], secret), (error) => error instanceof SealError)
})

test('a file that was never sealed is told as such', async () => {
  await assert.rejects(open([Buffer.from('PK'), Buffer.alloc(500)], secret), reason('format'))
  await assert.rejects(open([], secret), reason('format'))
})

async function sealed(plain: Buffer): Promise<Buffer> {
  return collect(seal(stream(cut(plain, 100_000)), secret))
}

function open(parts: readonly Buffer[], key: Buffer): Promise<Buffer> {
  return collect(unseal(stream(parts), key))
}

async function collect(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}

async function* stream(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

function reason(wanted: SealError['reason']) {
  return (error: unknown) => error instanceof SealError && error.reason === wanted
}
