import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { digestOf } from '#lib/digest.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { blobStore } from './blob-store.ts'
import { checkDigest, checkName, checkTags } from '#lib/oci/check-image-names.ts'
import { parseManifest } from '#lib/oci/manifest.ts'
import { openLayout } from './layout.ts'

export interface LocalArtifactsOptions {
  readonly folder: string
}

/** OCI image layouts on disk: one per repository, which share their blobs. For one machine; a registry is the product. */
export function localArtifacts({ folder }: LocalArtifactsOptions): Artifacts {
  const blobs = blobStore(join(folder, 'blobs/sha256'))
  const layout = (name: string) => openLayout({ folder, name: checkName(name) })
  return {
    registry: 'fairway.local',
    can: { referrers: true, delete: false },
    async putBlob(name, digest, content) {
      checkName(name)
      await blobs.put(checkDigest(digest), content instanceof Uint8Array ? [content] : (content as Readable))
    },
    async hasBlob(name, digest) {
      checkName(name)
      return blobs.has(checkDigest(digest))
    },
    async readBlob(name, digest) {
      checkName(name)
      return blobs.read(checkDigest(digest))
    },
    async putManifest(name, { mediaType, bytes, tags = [] }) {
      checkName(name)
      checkTags(tags)
      const digest = digestOf(bytes)
      const manifest = parseManifest(bytes)
      for (const { digest: needed } of [manifest.config, ...manifest.layers]) {
        if (!(await blobs.has(checkDigest(needed))))
          throw new PlatformError('ARTIFACT_UNKNOWN', `the manifest names ${needed}, which was never stored`)
      }
      await blobs.put(digest, [bytes])
      await layout(name).add({ mediaType, digest, size: bytes.length, manifest, tags })
      return digest
    },
    async readManifest(name, reference) {
      const found = await layout(name).find(reference)
      if (!found) return undefined
      return { digest: found.digest, mediaType: found.mediaType, bytes: await blobs.bytes(found.digest) }
    },
    tags: async (name) => layout(name).tags(),
    referrers: async (name, digest) => layout(name).referrers(checkDigest(digest)),
  }
}
