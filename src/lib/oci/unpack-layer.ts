import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PlatformError } from '#errors/platform-error.ts'
import { readTar, type TarHeader } from './read-tar.ts'

export interface UnpackLimits {
  readonly bytes: number
  readonly entries: number
  /** Unpacked bytes per packed byte. */
  readonly ratio: number
  readonly depth: number
}

export const defaultLimits: UnpackLimits = { bytes: 200_000_000, entries: 20_000, ratio: 100, depth: 32 }

/**
 * Unpacks one image layer (tar, gzip or zstd by media type) into `folder`, which must not exist or be empty. All or
 * nothing: a link, device, path outside, repeated path or excess leaves no file behind and throws IMAGE_INVALID.
 */
export async function unpackLayer(
  stream: AsyncIterable<Uint8Array> | NodeJS.ReadableStream,
  folder: string,
  { mediaType, limits = defaultLimits }: { mediaType: string; limits?: UnpackLimits },
): Promise<{ files: number; bytes: number }> {
  await mkdir(dirname(folder), { recursive: true })
  const draft = `${folder}.${randomUUID()}.new`
  await mkdir(draft, { mode: 0o755 })
  try {
    const done = await fill(draft, unpacked(stream as AsyncIterable<Uint8Array>, mediaType, limits), limits)
    if ((await readdir(folder).catch(() => [])).length > 0)
      throw new PlatformError('IMAGE_INVALID', 'the folder to unpack into is not empty')
    await rename(draft, folder)
    return done
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

async function fill(root: string, bytes: AsyncIterable<Uint8Array>, limits: UnpackLimits) {
  const names = takenNames(limits.entries)
  const done = { files: 0, bytes: 0 }
  await readTar(bytes, async (header, content) => {
    const path = safePath(header, limits)
    if (path === undefined) return
    names.take(path, header.type === '5')
    done.bytes += header.size
    if (done.bytes > limits.bytes) throw invalid(`the layer unpacks to more than ${limits.bytes / 1e6} MB`)
    const target = join(root, path)
    await mkdir(header.type === '5' ? target : dirname(target), { recursive: true, mode: 0o755 })
    if (header.type === '5') return
    done.files += 1
    await writeNew(target, header, content)
  })
  return done
}

// Names are compared without case and in one Unicode form: on macOS `A` and `a` would be one file. Folders that are
// only implied by a path count as entries, else 20,000 deep paths would make half a million folders.
function takenNames(most: number) {
  const taken = new Map<string, 'file' | 'folder' | 'implied'>()
  const implied = (parts: readonly string[]) => {
    for (let end = 1; end < parts.length; end++) {
      const parent = parts.slice(0, end).join('/')
      if (taken.get(parent) === 'file') throw invalid(`${show(parent)} is both a file and a folder`)
      if (!taken.has(parent)) taken.set(parent, 'implied')
    }
  }
  return {
    take(path: string, folder: boolean) {
      const folded = path.normalize('NFC').toLowerCase()
      implied(folded.split('/'))
      const before = taken.get(folded)
      if (before !== undefined && !(folder && before === 'implied')) throw invalid(`the layer has ${show(path)} twice`)
      taken.set(folded, folder ? 'folder' : 'file')
      if (taken.size > most) throw invalid(`the layer has more than ${most} entries`)
    },
  }
}

// O_EXCL and O_NOFOLLOW: nothing that is there already is ever written through, whatever the checks above missed.
async function writeNew(target: string, header: TarHeader, content: AsyncIterable<Uint8Array>): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW
  const file = await open(target, flags, header.mode & 0o100 ? 0o755 : 0o644)
  try {
    for await (const chunk of content) await file.write(chunk)
  } finally {
    await file.close()
  }
}

// `undefined` is the root folder itself, which every layer may name.
function safePath({ path, type }: TarHeader, limits: UnpackLimits): string | undefined {
  if (type !== '0' && type !== '5') throw invalid(`${show(path)} is ${kinds[type] ?? `an entry of type ${show(type)}`}`)
  if (path.startsWith('/') || /[\0\\]/.test(path) || /^[a-z]:/i.test(path))
    throw invalid(`${show(path)} is not a relative path`)
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw invalid(`${show(path)} leaves its folder`)
  if (parts.length > limits.depth) throw invalid(`${show(path)} lies deeper than ${limits.depth} folders`)
  if (parts.some((part) => part.startsWith('.wh.'))) throw invalid(`${show(path)} removes files of a lower layer`)
  if (parts.some((part) => Buffer.byteLength(part) > 255))
    throw invalid(`${show(path)} has a name of more than 255 bytes`)
  return parts.length === 0 && type === '5' ? undefined : parts.join('/') || refuseEmpty()
}

function refuseEmpty(): never {
  throw invalid('an entry has no name')
}

const kinds: Record<string, string> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 120))
}

function invalid(message: string): PlatformError {
  return new PlatformError('IMAGE_INVALID', message)
}

async function* unpacked(
  stream: AsyncIterable<Uint8Array>,
  mediaType: string,
  limits: UnpackLimits,
): AsyncGenerator<Uint8Array> {
  let packed = 0
  let out = 0
  const counted = async function* () {
    for await (const chunk of stream) {
      packed += chunk.length
      yield chunk
    }
  }
  for await (const chunk of decompressed(counted(), mediaType)) {
    out += chunk.length
    // Headers and padding count too, hence the allowance; a small file of zeros may pack better than any ratio.
    if (out > limits.bytes + limits.entries * 2_048) throw invalid('the layer unpacks to more than is allowed')
    if (out > 1_000_000 && out > packed * limits.ratio)
      throw invalid(`the layer packs more than ${limits.ratio} to one`)
    yield chunk
  }
}

async function* decompressed(stream: AsyncIterable<Uint8Array>, mediaType: string): AsyncGenerator<Uint8Array> {
  const unzip = mediaType.endsWith('+gzip')
    ? createGunzip({ chunkSize: 1 << 20 })
    : mediaType.endsWith('+zstd')
      ? createZstdDecompress()
      : undefined
  if (!unzip) {
    if (!mediaType.endsWith('.tar')) throw invalid(`layers of type ${show(mediaType)} cannot be unpacked`)
    return yield* stream
  }
  const feeding = pipeline(stream, unzip)
  feeding.catch((error: Error) => unzip.destroy(error))
  try {
    yield* unzip as AsyncIterable<Uint8Array>
    await feeding
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') ||
      (error as NodeJS.ErrnoException).code?.startsWith('ZSTD_')
      ? new PlatformError('IMAGE_INVALID', 'the layer is not what its media type says', { cause: error })
      : error
  } finally {
    unzip.destroy()
  }
}
