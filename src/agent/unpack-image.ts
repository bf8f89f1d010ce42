import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { digestOf } from '#lib/digest.ts'
import { baseLabel, baseName } from '#lib/oci/node-base.ts'
import { unpackLayer } from '#lib/oci/unpack-layer.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { notHere } from './desired/not-here.ts'

/** An image whose application layers lie ready on this machine. */
export interface UnpackedImage {
  readonly digest: string
  /** The content-addressed folder that stands for the image's root, without its base. */
  readonly root: string
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly workingDir: string
  readonly env: readonly string[]
}

const Manifest = z.looseObject({
  config: z.looseObject({ digest: z.string() }),
  layers: z.array(z.looseObject({ mediaType: z.string(), digest: z.string() })),
})
const Config = z.looseObject({
  config: z.looseObject({
    Entrypoint: z.array(z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
    WorkingDir: z.string().nullish(),
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  history: z
    .array(z.looseObject({ created_by: z.string().optional(), empty_layer: z.boolean().optional() }))
    .default([]),
})

export interface ImageRequest {
  readonly artifacts: Artifacts
  /** Where unpacked images lie, by digest. */
  readonly folder: string
  readonly image: { readonly name: string; readonly digest: string }
}

const unpacking = new Map<string, Promise<UnpackedImage>>()

/** Fetches an image by digest, verified, and unpacks it once. An image on another base than our own Node is not runnable here. */
export function unpackImage(request: ImageRequest): Promise<UnpackedImage> {
  const key = `${request.folder}/${request.image.digest}`
  const running = unpacking.get(key) ?? fetchImage(request).finally(() => unpacking.delete(key))
  unpacking.set(key, running)
  return running
}

/** Removes unpacked images that nothing refers to. Only while nothing is being unpacked: at the agent's start. */
export async function removeImagesBut(folder: string, digests: ReadonlySet<string>): Promise<void> {
  const kept = new Set([...digests].map(folderName))
  for (const name of await readdir(folder)) {
    if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function fetchImage({ artifacts, folder, image }: ImageRequest): Promise<UnpackedImage> {
  const found = await artifacts.readManifest(image.name, image.digest)
  if (!found)
    throw new PlatformError('ARTIFACT_UNKNOWN', `the artefact store has no image ${image.name}@${image.digest}`)
  if (digestOf(found.bytes) !== image.digest) throw corrupt('the image manifest')
  const manifest = parsed(Manifest, Buffer.from(found.bytes).toString('utf8'), 'manifest')
  const configText = await textOf(await artifacts.readBlob(image.name, manifest.config.digest))
  if (digestOf(configText) !== manifest.config.digest) throw corrupt('the image configuration')
  const { config, history } = parsed(Config, configText, 'configuration')
  const base = config.Labels?.[baseLabel]
  if (base !== baseName)
    throw notHere(
      base
        ? `its image is built on ${base}, this machine runs ${baseName}`
        : 'its image is not built on Fairway’s own Node base',
    )
  const made = history.filter(({ empty_layer: empty }) => !empty)
  const layers = manifest.layers.filter((_, index) => !made[index]?.created_by?.startsWith('fairway base '))
  const root = join(folder, folderName(image.digest))
  if (!(await stat(root).catch(() => undefined))) await unpackLayers({ artifacts, image, root }, layers)
  return {
    digest: image.digest,
    root,
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    workingDir: config.WorkingDir || '/',
    env: config.Env ?? [],
  }
}

// Layers are unpacked apart and laid over each other: unpacking refuses to write over anything.
async function unpackLayers(
  { artifacts, image, root }: Pick<ImageRequest, 'artifacts' | 'image'> & { root: string },
  layers: readonly { mediaType: string; digest: string }[],
): Promise<void> {
  const draft = `${root}.${process.pid}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(join(draft, 'all'), { recursive: true, mode: 0o755 })
  try {
    for (const [index, { digest, mediaType }] of layers.entries()) {
      const layer = join(draft, String(index))
      await unpackLayer((await artifacts.readBlob(image.name, digest)) as AsyncIterable<Uint8Array>, layer, {
        mediaType,
      })
      if (layers.length === 1) return await rename(layer, root)
      await cp(layer, join(draft, 'all'), { recursive: true, force: true })
    }
    await rename(join(draft, 'all'), root)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** The folder of an unpacked image, below the folder of all. */
export function folderName(digest: string): string {
  return digest.replace(':', '-')
}

function parsed<T>(schema: z.ZodType<T>, text: string, what: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new PlatformError('IMAGE_INVALID', `the ${what} of the image cannot be read`, { cause })
  }
}

function corrupt(what: string): PlatformError {
  return new PlatformError('ARTIFACT_CORRUPT', `${what} does not match its digest`)
}
