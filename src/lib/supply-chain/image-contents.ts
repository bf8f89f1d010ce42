import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { digestOf } from '../digest.ts'
import { baseLabel } from '../oci/node-base.ts'
import { readTar } from '../oci/read-tar.ts'
import { type InstalledPackage, packageIn } from './npm-packages.ts'
import type { ReferrerReader, StoredImage } from './referrers.ts'

export interface ImageFile {
  readonly path: string
  readonly sha256: string
}

/** What an image of ours holds, read from its layers by digest. */
export interface ImageContents {
  /** As `node-24.21.0`. */
  readonly base: string
  /** Undefined where the image has no base layer (macOS). */
  readonly baseLayer: { readonly digest: string; readonly files: readonly ImageFile[] } | undefined
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  readonly files: readonly ImageFile[]
  readonly packages: readonly InstalledPackage[]
}

const Manifest = z.looseObject({
  config: z.looseObject({ digest: z.string() }),
  layers: z.array(z.looseObject({ digest: z.string(), mediaType: z.string() })),
})
const Config = z.looseObject({
  created: z.string(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).default({}) }),
  history: z.array(z.looseObject({ created_by: z.string().optional() })).default([]),
})

/** Every file with its digest, and every npm package installed. Nothing a pipeline says of itself is read as a fact. */
export async function imageContents(store: ReferrerReader, image: StoredImage): Promise<ImageContents> {
  const found = await store.readManifest(image.repository, image.digest)
  if (!found || digestOf(found.bytes) !== image.digest)
    throw new PlatformError('ARTIFACT_UNKNOWN', `the artefact store has no image ${image.digest}`)
  const blob = async (digest: string) => store.readBlob(image.repository, digest)
  const manifest = Manifest.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')))
  const config = Config.parse(JSON.parse((await buffer(await blob(manifest.config.digest))).toString('utf8')))
  const layers = manifest.layers.map((layer, at) => ({ ...layer, by: config.history[at]?.created_by ?? '' }))
  const base = layers.find(({ by }) => by.startsWith('fairway base '))
  const rest: LayerContents[] = []
  for (const layer of layers) if (layer !== base) rest.push(await readLayer(await blob(layer.digest), layer.mediaType))
  const baseFiles =
    base && (await rememberedBase(base.digest, async () => readLayer(await blob(base.digest), base.mediaType)))
  return {
    base: config.config.Labels[baseLabel] ?? 'unknown',
    baseLayer: base && { digest: base.digest, files: baseFiles?.files ?? [] },
    created: config.created,
    labels: config.config.Labels,
    files: rest.flatMap(({ files }) => files),
    packages: rest.flatMap(({ packages }) => packages),
  }
}

interface LayerContents {
  readonly files: readonly ImageFile[]
  readonly packages: readonly InstalledPackage[]
}

// The base is 100 MB and the same for every image of a machine.
const bases = new Map<string, Promise<LayerContents>>()

function rememberedBase(digest: string, read: () => Promise<LayerContents>): Promise<LayerContents> {
  const known = bases.get(digest) ?? read()
  bases.set(digest, known)
  known.catch(() => bases.delete(digest))
  return known
}

async function readLayer(stream: NodeJS.ReadableStream, mediaType: string): Promise<LayerContents> {
  const files: ImageFile[] = []
  const packages: InstalledPackage[] = []
  const bytes = mediaType.endsWith('+gzip') ? stream.pipe(createGunzip({ chunkSize: 1 << 20 })) : stream
  if (bytes !== stream) stream.on('error', (error) => (bytes as ReturnType<typeof createGunzip>).destroy(error))
  await readTar(bytes as AsyncIterable<Uint8Array>, async ({ path, type }, content) => {
    if (type !== '0') return
    const kept: Uint8Array[] = []
    const isManifest = /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of content) {
      hash.update(chunk)
      size += chunk.length
      if (isManifest && size <= 1_000_000) kept.push(Buffer.from(chunk))
    }
    const sha256 = hash.digest('hex')
    files.push({ path, sha256 })
    const found = isManifest && size <= 1_000_000 ? packageIn(Buffer.concat(kept).toString('utf8'), path) : undefined
    if (found) packages.push(found)
  })
  return { files, packages }
}
