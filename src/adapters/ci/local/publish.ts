import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { imageOf } from '#lib/oci/image.ts'
import { type Layer, writeLayer } from '#lib/oci/layer.ts'
import { baseLabel, nodeBase } from '#lib/oci/node-base.ts'
import type { TarEntry } from '#lib/oci/tar.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import type { PublishedImage, PublishRequest } from '#ports/ci.ts'
import type { OutputFile, OutputStore } from './output-store.ts'

export interface PublishPlace {
  readonly artifacts: Artifacts
  readonly outputs: OutputStore
  readonly bases: string
  readonly scratch: string
}

/** Makes the image from the handed-over folder and the Node base, and stores it. Runs nothing of the repository. */
export async function publishImage(
  place: PublishPlace,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<PublishedImage> {
  const { artifacts } = place
  const name = `${request.owner}/${request.service}`
  const [files, base] = await Promise.all([place.outputs.open(request.output.digest), nodeBase(place.bases)])
  signal.throwIfAborted()
  const committed = new Date(request.committedAt)
  const file = join(place.scratch, randomUUID())
  try {
    const app = await writeLayer(appEntries(files), {
      file,
      mtime: Math.floor(committed.getTime() / 1_000),
      gzip: false,
    })
    const layers = [
      ...(base.layer ? [{ ...base.layer, createdBy: `fairway base ${base.name}` }] : []),
      { ...app, createdBy: `fairway ci publish ${request.output.digest}` },
    ]
    const created = committed.toISOString().replace('.000Z', 'Z')
    const { os, architecture } = base
    const image = imageOf({
      layers,
      os,
      architecture,
      command: request.output.entry,
      created,
      labels: labelsOf(request, created, base.name),
    })
    for (const layer of layers) await putLayer(artifacts, name, layer)
    await artifacts.putBlob(name, image.config.digest, image.config.bytes)
    signal.throwIfAborted()
    const tags = [request.version.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 128)]
    const digest = await artifacts.putManifest(name, { ...image.manifest, tags })
    return { image: `${artifacts.registry}/${name}`, digest }
  } finally {
    await rm(file, { force: true })
  }
}

function appEntries(files: readonly OutputFile[]): TarEntry[] {
  const own = { uid: 10001, gid: 10001 }
  const folders = new Set(['app', ...files.flatMap(({ path }) => parentsOf(`app/${path}`))])
  return [
    ...[...folders].map((path) => ({ path, mode: 0o755, ...own })),
    ...files.map(({ path, file, size, executable }) => {
      return { path: `app/${path}`, content: { file, size }, mode: executable ? 0o755 : 0o644, ...own }
    }),
  ]
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}

function labelsOf(request: PublishRequest, created: string, base: string): Record<string, string> {
  return {
    'org.opencontainers.image.title': request.service,
    'org.opencontainers.image.vendor': request.owner,
    'org.opencontainers.image.version': request.version,
    'org.opencontainers.image.revision': request.commit,
    'org.opencontainers.image.source': `${request.owner}/${request.service}`,
    'org.opencontainers.image.created': created,
    [baseLabel]: base,
  }
}

async function putLayer(artifacts: Artifacts, name: string, layer: Layer): Promise<void> {
  if (await artifacts.hasBlob(name, layer.digest)) return
  await artifacts.putBlob(name, layer.digest, createReadStream(layer.file, { highWaterMark: 1 << 20 }))
}
