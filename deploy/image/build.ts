import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ociRegistry } from '#adapters/artifacts/oci-registry/oci-registry.ts'
import { OciRegistryOptions } from '#adapters/artifacts/oci-registry/options.ts'
import { imageOf } from '#lib/oci/image.ts'
import { writeLayer } from '#lib/oci/layer.ts'
import { baseLabel, nodeBase } from '#lib/oci/node-base.ts'
import { productEntries, productVersion, programEntries } from './files.ts'

/** One time for all files, so that the same content gives the same image. */
const mtime = 1_767_225_600

/**
 * Makes the image of Fairway from this checkout, on the Node base of the golden paths and without a Docker engine, and
 * pushes it. Gives `REGISTRY/NAME@DIGEST`.
 */
export async function buildImage(options: OciRegistryOptions, name = 'fairway/fairway'): Promise<string> {
  const artifacts = ociRegistry(options)
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-image-'))
  try {
    const base = await nodeBase(join(scratch, 'base'))
    if (!base.layer) throw new Error('the image can be made on Linux only')
    const layer = async (file: string, entries: Awaited<ReturnType<typeof productEntries>>) =>
      writeLayer(entries, { file: join(scratch, file), mtime, gzip: true })
    const programs = await layer('programs', await programEntries())
    const product = await layer('product', await productEntries())
    const version = await productVersion(product.diffId)
    const layers = [
      { ...base.layer, createdBy: `fairway base ${base.name}` },
      { ...programs, createdBy: 'git, bubblewrap, npm' },
      { ...product, createdBy: `fairway ${version}` },
    ]
    const image = imageOf({
      layers,
      os: base.os,
      architecture: base.architecture,
      command: ['--max-semi-space-size=4', '/app/src/main/start.ts', '--no-open'],
      created: new Date(mtime * 1000).toISOString().replace('.000Z', 'Z'),
      labels: {
        'org.opencontainers.image.title': 'fairway',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        [baseLabel]: base.name,
      },
    })
    for (const { digest, file } of layers)
      if (!(await artifacts.hasBlob(name, digest)))
        await artifacts.putBlob(name, digest, createReadStream(file, { highWaterMark: 1 << 20 }))
    await artifacts.putBlob(name, image.config.digest, image.config.bytes)
    const digest = await artifacts.putManifest(name, { ...image.manifest, tags: [version] })
    return `${artifacts.registry}/${name}@${digest}`
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
