import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type TarEntry, tarOf } from './tar.ts'

export interface Layer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  /** Digest of the tar inside; equals `digest` when the layer is not packed. */
  readonly diffId: string
  readonly file: string
}

export interface LayerRequest {
  /** Where the layer's bytes go; it appears whole or not at all. */
  readonly file: string
  /** Seconds since 1970 for every entry. */
  readonly mtime: number
  /** Unpacked layers have the same digest on every machine; gzip's output differs between builds of zlib. */
  readonly gzip: boolean
}

/** Writes a layer. The same entries and request give the same digest. */
export async function writeLayer(entries: readonly TarEntry[], { file, mtime, gzip }: LayerRequest): Promise<Layer> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${randomUUID()}.new`
  const tar = meter()
  const packed = meter()
  const zip = gzip ? [createGzip({ level: 6 }), unknownOs()] : []
  try {
    await pipeline([
      Readable.from(tarOf(entries, mtime)),
      tar.stream,
      ...zip,
      packed.stream,
      createWriteStream(draft, { flush: true }),
    ])
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
  const mediaType = `application/vnd.oci.image.layer.v1.tar${gzip ? '+gzip' : ''}`
  return { mediaType, digest: packed.digest(), size: packed.size(), diffId: tar.digest(), file }
}

function meter() {
  const hash = createHash('sha256')
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  return { stream, size: () => size, digest: () => `sha256:${hash.digest('hex')}` }
}

// Byte 9 of a gzip stream names the operating system it was made on; 255 is "unknown" (RFC 1952).
function unknownOs(): Transform {
  let at = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (at <= 9 && at + chunk.length > 9) chunk[9 - at] = 255
      at += chunk.length
      done(null, chunk)
    },
  })
}
