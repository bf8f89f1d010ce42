import { digestOf } from '../digest.ts'
import type { Layer } from './layer.ts'

export interface ImageRequest {
  readonly layers: readonly (Layer & { readonly createdBy: string })[]
  readonly architecture: string
  readonly os: string
  /** Arguments for Node.js, which is the entry point of every image of ours. */
  readonly command: readonly string[]
  readonly created: string
  /** Go into the image's labels and, so that they are readable without the config, the manifest's annotations. */
  readonly labels: Readonly<Record<string, string>>
}

export interface Image {
  readonly config: { readonly digest: string; readonly bytes: Uint8Array }
  readonly manifest: { readonly mediaType: string; readonly bytes: Uint8Array; readonly digest: string }
}

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'

/** Config and manifest of an image (OCI image-spec 1.1). Keys have one fixed order, so the same request gives the same bytes. */
export function imageOf(request: ImageRequest): Image {
  const labels = Object.fromEntries(Object.entries(request.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const config = bytesOf({
    created: request.created,
    architecture: request.architecture,
    os: request.os,
    config: {
      User: '10001',
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_ENV=production', 'HOME=/tmp'],
      Entrypoint: ['/usr/local/bin/node'],
      Cmd: request.command,
      WorkingDir: '/app',
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: request.layers.map(({ diffId }) => diffId) },
    history: request.layers.map(({ createdBy }) => ({ created: request.created, created_by: createdBy })),
  })
  const configDigest = digestOf(config)
  const bytes = bytesOf({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: configDigest, size: config.length },
    layers: request.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    annotations: labels,
  })
  return {
    config: { digest: configDigest, bytes: config },
    manifest: { mediaType: manifestType, bytes, digest: digestOf(bytes) },
  }
}

function bytesOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
