import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import { digestOf } from '../digest.ts'
import { manifestType } from '../oci/image.ts'

/** The part of an artefact store that is read to verify an image. */
export interface ReferrerReader {
  readManifest(
    name: string,
    reference: string,
  ): Promise<{ digest: string; mediaType: string; bytes: Uint8Array } | undefined>
  readBlob(name: string, digest: string): Promise<NodeJS.ReadableStream>
  referrers(name: string, digest: string): Promise<readonly { digest: string; artifactType: string }[]>
}

export interface ReferrerStore extends ReferrerReader {
  putBlob(name: string, digest: string, content: Uint8Array): Promise<void>
  putManifest(name: string, manifest: { mediaType: string; bytes: Uint8Array }): Promise<string>
}

/** An image in a store: the repository's name there, without registry. */
export interface StoredImage {
  readonly repository: string
  readonly digest: string
}

export interface Referrer {
  /** Digest of the manifest that refers to the image. */
  readonly manifest: string
  /** Digest of the one file it carries. */
  readonly digest: string
  readonly bytes: Buffer
}

export interface NewReferrer {
  readonly artifactType: string
  readonly bytes: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

const Manifest = z.looseObject({
  subject: z.looseObject({ digest: z.string() }),
  layers: z.array(z.looseObject({ digest: z.string(), size: z.int().max(64_000_000) })).length(1),
})

const empty = Buffer.from('{}')
const emptyType = 'application/vnd.oci.empty.v1+json'

/** Stores a file as an OCI 1.1 referrer of an image: empty config, one layer, subject. The same file gives the same digests. */
export async function attach(
  store: ReferrerStore,
  image: StoredImage,
  { artifactType, bytes, annotations }: NewReferrer,
): Promise<Referrer> {
  const subject = await store.readManifest(image.repository, image.digest)
  if (!subject) throw new TypeError(`${image.repository} has no manifest ${image.digest}`)
  const digest = digestOf(bytes)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config: { mediaType: emptyType, digest: digestOf(empty), size: empty.length },
      layers: [{ mediaType: artifactType, digest, size: bytes.length }],
      subject: { mediaType: subject.mediaType, digest: image.digest, size: subject.bytes.length },
      annotations,
    }),
  )
  await store.putBlob(image.repository, digestOf(empty), empty)
  await store.putBlob(image.repository, digest, bytes)
  return {
    manifest: await store.putManifest(image.repository, { mediaType: manifestType, bytes: manifest }),
    digest,
    bytes: Buffer.from(bytes),
  }
}

/** Files of a type that refer to an image. One that is damaged or refers to another image is left out. */
export async function readReferrers(
  store: ReferrerReader,
  { repository, digest }: StoredImage,
  artifactType: string,
): Promise<readonly Referrer[]> {
  const listed = (await store.referrers(repository, digest)).filter((one) => one.artifactType === artifactType)
  const read = await Promise.all(listed.slice(0, 50).map((one) => readOne(store, { repository, digest }, one.digest)))
  return read.filter((one) => one !== undefined)
}

async function readOne(store: ReferrerReader, image: StoredImage, manifest: string): Promise<Referrer | undefined> {
  try {
    const found = await store.readManifest(image.repository, manifest)
    if (!found || digestOf(found.bytes) !== manifest) return undefined
    const { subject, layers } = Manifest.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')))
    const digest = layers[0]?.digest ?? ''
    const bytes = await buffer(await store.readBlob(image.repository, digest))
    return subject.digest === image.digest && digestOf(bytes) === digest ? { manifest, digest, bytes } : undefined
  } catch {
    return undefined
  }
}
