import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Why a sealed stream does not open. */
export class SealError extends Error {
  readonly reason: 'format' | 'key' | 'damaged'
  constructor(reason: SealError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

const magic = Buffer.from('fairway-sealed-1\n')
const chunkBytes = 1 << 18
const lastMark = 0x8000_0000
const derive = promisify<Buffer, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)

/**
 * Encrypts a stream with AES-256-GCM under a key made from `secret` and a salt of its own (scrypt). It is cut into chunks
 * that are numbered, and the last one says so: nothing can be changed, moved, left out or cut off unnoticed.
 */
export async function* seal(source: AsyncIterable<Uint8Array>, secret: Buffer): AsyncGenerator<Buffer> {
  const salt = randomBytes(16)
  const key = await keyOf(secret, salt)
  const head = Buffer.concat([magic, salt, checkOf(key)])
  yield head
  let number = 0
  let held: Buffer = Buffer.alloc(0)
  const frame = (plain: Buffer, isLast: boolean) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE((plain.length | (isLast ? lastMark : 0)) >>> 0)
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++))
    cipher.setAAD(Buffer.concat([head, length]))
    return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  for await (const part of source) {
    held = Buffer.concat([held, part])
    for (; held.length > chunkBytes; held = held.subarray(chunkBytes)) yield frame(held.subarray(0, chunkBytes), false)
  }
  yield frame(held, true)
}

/** The plain bytes of a sealed stream. Each is given only after its chunk was found genuine; anything else is a SealError. */
export async function* unseal(source: AsyncIterable<Uint8Array>, secret: Buffer): AsyncGenerator<Buffer> {
  const read = reader(source)
  const head = await read.take(magic.length + 32)
  if (!head?.subarray(0, magic.length).equals(magic)) throw new SealError('format', 'it is not a sealed file')
  const key = await keyOf(secret, head.subarray(magic.length, magic.length + 16))
  if (!timingSafeEqual(checkOf(key), head.subarray(magic.length + 16)))
    throw new SealError('key', 'it was sealed with another key')
  for (let number = 0; ; number++) {
    const length = await read.take(4)
    const word = length?.readUInt32BE() ?? 0
    const isLast = word >= lastMark
    const size = isLast ? word - lastMark : word
    const body = length && size <= chunkBytes ? await read.take(size + 16) : undefined
    if (!length || !body) throw new SealError('damaged', 'it ends too early or a chunk has a wrong length')
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number))
    decipher.setAAD(Buffer.concat([head, length]))
    decipher.setAuthTag(body.subarray(size))
    const plain = decipher.update(body.subarray(0, size))
    try {
      decipher.final()
    } catch {
      throw new SealError('damaged', `chunk ${number + 1} is not the one that was written`)
    }
    yield plain
    if (!isLast) continue
    if (await read.take(1)) throw new SealError('damaged', 'something stands behind its end')
    return
  }
}

function keyOf(secret: Buffer, salt: Buffer): Promise<Buffer> {
  return derive(secret, salt, 32, { N: 1 << 15, r: 8, p: 1, maxmem: 1 << 26 })
}

/** Tells a wrong key from a damaged file; says nothing about the key. */
function checkOf(key: Buffer): Buffer {
  return createHmac('sha256', key).update('fairway key check').digest().subarray(0, 16)
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(number), 4)
  return nonce
}

function reader(source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return {
    /** Undefined when fewer bytes are left. */
    async take(length: number): Promise<Buffer | undefined> {
      while (held.length < length) {
        const { value, done } = await iterator.next()
        if (done) return undefined
        held = Buffer.concat([held, value])
      }
      const taken = held.subarray(0, length)
      held = held.subarray(length)
      return taken
    },
  }
}
