import { createReadStream } from 'node:fs'
import { PlatformError } from '#errors/platform-error.ts'

/** One file or folder of a layer. Links and devices do not exist here, so that unpacking may refuse them all. */
export interface TarEntry {
  /** Relative, forward slashes, without a slash at the end. */
  readonly path: string
  /** Absent: a folder. */
  readonly content?: Uint8Array | { readonly file: string; readonly size: number }
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A tar stream (POSIX ustar, pax for long or non-ASCII paths). The same entries give the same bytes: sorted, one time for all. */
export async function* tarOf(entries: readonly TarEntry[], mtime: number): AsyncGenerator<Uint8Array> {
  for (const entry of entries.toSorted(byPath)) {
    const size = sizeOf(entry)
    if (!fitsUstar(entry)) yield paxHeader(entry, mtime)
    yield header(entry, { size, mtime, type: entry.content ? '0' : '5' })
    if (entry.content) yield* contentOf(entry, size)
    yield Buffer.alloc((512 - (size % 512)) % 512)
  }
  yield Buffer.alloc(1_024)
}

function byPath(a: TarEntry, b: TarEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

function sizeOf({ content }: TarEntry): number {
  if (!content) return 0
  return content instanceof Uint8Array ? content.length : content.size
}

async function* contentOf({ path, content }: TarEntry, size: number): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) return yield content
  if (!content) return
  let sent = 0
  for await (const chunk of createReadStream(content.file, { highWaterMark: 1 << 20 })) {
    sent += (chunk as Buffer).length
    yield chunk as Buffer
  }
  if (sent !== size) throw new PlatformError('IMAGE_INVALID', `${path} changed while the image was made`)
}

function fitsUstar(entry: TarEntry): boolean {
  return nameOf(entry).length <= 100 && /^[\x20-\x7e]*$/.test(entry.path) && sizeOf(entry) < 0o77777777777
}

function nameOf({ path, content }: TarEntry): string {
  return content ? path : `${path}/`
}

// A pax header is a small file before the real entry; its own name is never used by a reader.
function paxHeader(entry: TarEntry, mtime: number): Uint8Array {
  const records = [paxRecord('path', nameOf(entry)), paxRecord('size', String(sizeOf(entry)))]
  const body = Buffer.from(records.join(''))
  const own = { path: 'pax', content: body, mode: 0o644, uid: 0, gid: 0 }
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512)
  return Buffer.concat([header(own, { size: body.length, mtime, type: 'x' }), body, padding])
}

// The record's length counts itself in decimal.
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  if (String(length).length !== String(bytes).length) length = bytes + String(length).length
  return `${length}${rest}`
}

function header(entry: TarEntry, { size, mtime, type }: { size: number; mtime: number; type: string }): Uint8Array {
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'ascii')
  block.write(nameOf(entry).slice(0, 100), 0, 100, 'latin1')
  octal(entry.mode & 0o7777, 100, 8)
  octal(entry.uid, 108, 8)
  octal(entry.gid, 116, 8)
  octal(Math.min(size, 0o77777777777), 124, 12)
  octal(mtime, 136, 12)
  block.write('        ', 148, 'ascii')
  block.write(type, 156, 'ascii')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii')
  return block
}
