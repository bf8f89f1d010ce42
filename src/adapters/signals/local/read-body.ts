import type { Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'

/** Why a body was not read, with the HTTP status that says so. */
export class BodyRefused extends Error {
  readonly status: 400 | 408 | 413 | 415 | 503
  constructor(status: BodyRefused['status'], message: string) {
    super(message)
    this.status = status
  }
}

export interface BodyLimits {
  /** Most of one body, as sent and again as unpacked. */
  readonly maxBytes: number
  /** A sender that is slower than this is cut off. */
  readonly maxMs: number
  /** Takes room in the memory all bodies share; false when there is none. */
  readonly reserve: (bytes: number) => boolean
}

/** Reads a body while counting, packed or not: what is over a cap is never held. */
export async function readBody(source: Readable, encoding: string | undefined, limits: BodyLimits): Promise<Buffer> {
  const unpacker = unpackerOf(encoding)
  const late = setTimeout(() => source.destroy(new BodyRefused(408, 'the body took too long')), limits.maxMs)
  try {
    return unpacker ? await unpack(source, unpacker, limits) : await collect(source, limits)
  } catch (error) {
    if (error instanceof BodyRefused) throw error
    throw new BodyRefused(400, unpacker ? 'the body cannot be unpacked' : 'the body broke off')
  } finally {
    clearTimeout(late)
    unpacker?.destroy()
  }
}

async function unpack(
  source: Readable,
  unpacker: ReturnType<typeof createGunzip>,
  limits: BodyLimits,
): Promise<Buffer> {
  let packed = 0
  source.on('data', (chunk: Buffer) => {
    packed += chunk.length
    if (packed > limits.maxBytes) unpacker.destroy(tooLarge(limits))
  })
  source.once('error', (error) => unpacker.destroy(error))
  source.once('close', () => {
    if (!source.readableEnded) unpacker.destroy(new Error('the body broke off'))
  })
  return collect(source.pipe(unpacker), limits)
}

async function collect(source: Readable, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.maxBytes) throw tooLarge(limits)
    if (!limits.reserve(chunk.length)) throw new BodyRefused(503, 'too many bodies are being read')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function unpackerOf(encoding: string | undefined) {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return undefined
  if (encoding === 'gzip') return createGunzip()
  if (encoding === 'deflate') return createInflate()
  throw new BodyRefused(415, 'send the body plain or with content encoding gzip')
}

function tooLarge({ maxBytes }: BodyLimits): BodyRefused {
  return new BodyRefused(413, `a body may have at most ${maxBytes} bytes`)
}
