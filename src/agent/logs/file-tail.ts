import { copyFileSync, fstatSync, ftruncateSync, openSync, closeSync, readSync, statSync, writeSync } from 'node:fs'
import type { SecretMask } from '#lib/mask-secrets.ts'

export interface TailChunk {
  readonly lines: readonly string[]
  /** Where to go on once these lines are delivered. */
  readonly end: number
}

export interface TailOptions {
  readonly final: boolean
  readonly mask: SecretMask | undefined
}

const chunkBytes = 256 * 1024
const longestLine = 16 * 1024

/**
 * Whole lines of a growing file from `offset` on, at most 256 kB of them; the beginning of a line waits for its end,
 * unless `final`. A file that became shorter was truncated and is read from its start. What the mask covers is covered in
 * the file as well: its writer only appends, so bytes that are there are ours to change.
 */
export function readTail(path: string, offset: number, { final, mask }: TailOptions): TailChunk {
  const fd = openFor(path, mask ? 'r+' : 'r')
  if (fd === undefined) return { lines: [], end: offset }
  try {
    const { size } = fstatSync(fd)
    const from = size < offset ? 0 : offset
    const buffer = Buffer.alloc(Math.min(chunkBytes, size - from))
    const length = readSync(fd, buffer, 0, buffer.length, from)
    const bytes = buffer.subarray(0, length)
    if (mask?.(bytes)) writeSync(fd, bytes, 0, length, from)
    const lastBreak = bytes.lastIndexOf(10)
    const isWhole = final && from + length >= size
    // The end of a line without an end may be the beginning of a secret: it waits for the rest.
    const held = mask ? mask.longest - 1 : 0
    const isEndless = lastBreak === -1 && length >= longestLine + held
    const taken = isWhole ? length : isEndless ? length - held : lastBreak + 1
    const text = bytes.toString('utf8', 0, taken)
    const lines = text.split('\n').map((line) => line.slice(0, longestLine).replace(/\r$/, ''))
    return { lines: lines.filter((line) => line !== ''), end: from + taken }
  } finally {
    closeSync(fd)
  }
}

/** Bytes in the file; 0 when there is none. */
export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/**
 * Copies a file to `<path>.1` and truncates it; its writer goes on at its start. Gives how many lines behind `offset`
 * nobody had read. All in one turn of the event loop, so that as little as possible is written between.
 */
export function rotate(path: string, offset: number, mask?: SecretMask): number {
  const fd = openFor(path, 'r+')
  if (fd === undefined) return 0
  try {
    copyFileSync(path, `${path}.1`)
    if (mask) maskFile(`${path}.1`, mask)
    const lost = countLines(fd, offset)
    ftruncateSync(fd)
    return lost
  } finally {
    closeSync(fd)
  }
}

// Pieces overlap by the longest secret, so that none falls between two.
function maskFile(path: string, mask: SecretMask): void {
  const fd = openSync(path, 'r+')
  try {
    const buffer = Buffer.alloc((1 << 20) + mask.longest)
    for (let at = 0; ; at += 1 << 20) {
      const length = readSync(fd, buffer, 0, buffer.length, at)
      if (length === 0) return
      if (mask(buffer.subarray(0, length))) writeSync(fd, buffer, 0, length, at)
    }
  } finally {
    closeSync(fd)
  }
}

function countLines(fd: number, offset: number): number {
  const buffer = Buffer.alloc(1 << 20)
  let lines = 0
  for (let at = offset; ; ) {
    const length = readSync(fd, buffer, 0, buffer.length, at)
    if (length === 0) return lines
    for (let index = buffer.indexOf(10); index !== -1 && index < length; index = buffer.indexOf(10, index + 1)) lines++
    at += length
  }
}

function openFor(path: string, flags: 'r' | 'r+'): number | undefined {
  try {
    return openSync(path, flags)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
