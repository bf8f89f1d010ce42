import { PlatformError } from '#errors/platform-error.ts'

export interface TarHeader {
  readonly path: string
  /** One character as in the format: `0` a file, `5` a folder. */
  readonly type: string
  readonly size: number
  readonly mode: number
}

type OnEntry = (header: TarHeader, content: AsyncIterable<Uint8Array>) => Promise<void>

/** Reads a tar stream entry by entry; content that `onEntry` does not read is skipped. Damaged input throws IMAGE_INVALID. */
export async function readTar(stream: AsyncIterable<Uint8Array>, onEntry: OnEntry): Promise<void> {
  const source = blocksOf(stream)
  try {
    await readEntries(source, onEntry)
    await source.drain()
  } finally {
    await source.close()
  }
}

async function readEntries(source: Blocks, onEntry: OnEntry): Promise<void> {
  let override: { path?: string; size?: number } = {}
  for (;;) {
    const block = await source.take(512)
    if (block.every((byte) => byte === 0)) return
    const raw = parseHeader(block)
    if (raw.type === 'x') {
      override = parsePax(await source.take(padded(raw.size, 65_536)), raw.size)
      continue
    }
    const header = { ...raw, ...override }
    override = {}
    const content = source.content(header.size)
    await onEntry(header, content)
    for await (const rest of content) void rest
  }
}

function parseHeader(block: Buffer): TarHeader {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (octal(block, 148, 8) !== sum) throw damaged('a header has a wrong checksum')
  const magic = block.toString('latin1', 257, 262)
  const prefix = magic === 'ustar' && block.toString('latin1', 257, 265) === 'ustar\x0000' ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0)
  return {
    path: prefix ? `${prefix}/${name}` : name,
    // Before POSIX a folder was a file whose name ends with a slash.
    type: type === '0' && name.endsWith('/') ? '5' : type,
    size: octal(block, 124, 12),
    mode: octal(block, 100, 8),
  }
}

function text(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.subarray(0, end === -1 ? length : end).toString('utf8')
}

function octal(block: Buffer, at: number, length: number): number {
  const digits = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim()
  if (!/^[0-7]*$/.test(digits)) throw damaged('a header has a number that is not octal')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

function parsePax(bytes: Buffer, size: number): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {}
  for (let at = 0; at < size; ) {
    const space = bytes.indexOf(32, at)
    const length = Number(bytes.toString('latin1', at, space))
    if (space === -1 || !Number.isInteger(length) || length < 5 || at + length > size)
      throw damaged('a pax header is damaged')
    const record = bytes.toString('utf8', space + 1, at + length - 1)
    const key = record.slice(0, record.indexOf('='))
    const value = record.slice(key.length + 1)
    if (key === 'path') found.path = value
    else if (key === 'size' && /^\d{1,15}$/.test(value)) found.size = Number(value)
    else if (/^(linkpath|GNU\.sparse)/.test(key)) throw damaged(`a pax header has ${key}`)
    at += length
  }
  return found
}

function padded(size: number, most: number): number {
  if (size > most) throw damaged('a pax header is too long')
  return Math.ceil(size / 512) * 512
}

type Blocks = ReturnType<typeof blocksOf>

function blocksOf(stream: AsyncIterable<Uint8Array>) {
  const iterator = stream[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { value, done } = await iterator.next()
    if (done) return false
    held = held.length === 0 ? Buffer.from(value) : Buffer.concat([held, value])
    return true
  }
  const take = async (length: number): Promise<Buffer> => {
    while (held.length < length) if (!(await more())) throw damaged('the archive ends too early')
    const block = held.subarray(0, length)
    held = held.subarray(length)
    return block
  }
  async function* content(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (held.length === 0 && !(await more())) throw damaged('the archive ends too early')
      const part = held.subarray(0, Math.min(left, held.length))
      held = held.subarray(part.length)
      left -= part.length
      yield part
    }
    await take((512 - (size % 512)) % 512)
  }
  const drain = async () => {
    while (!(await iterator.next()).done);
  }
  const close = async () => {
    await iterator.return?.()
  }
  return { take, content, drain, close }
}

function damaged(message: string): PlatformError {
  return new PlatformError('IMAGE_INVALID', `the layer cannot be read: ${message}`)
}
