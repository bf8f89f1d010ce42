import type { Readable } from 'node:stream'
import { digestOf } from '#lib/digest.ts'
import { checkDigest, checkName, checkTags } from '#lib/oci/check-image-names.ts'
import { parseManifest } from '#lib/oci/manifest.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { registryBlobs } from './blobs.ts'
import { registryConnection } from './connection.ts'
import { registryManifests } from './manifests.ts'
import type { OciRegistryOptions } from './options.ts'
import { isFallbackTag, registryReferrers } from './referrers.ts'

/** Any registry of the OCI distribution specification 1.1, with or without its referrers API. */
export function ociRegistry(options: OciRegistryOptions): Artifacts {
  const ask = registryConnection(options)
  const blobs = registryBlobs(ask)
  const manifests = registryManifests(ask)
  const referrers = registryReferrers(ask, manifests)
  return {
    registry: options.registry ?? new URL(options.url).host,
    can: { referrers: true, delete: false },
    putBlob: async (name, digest, content) =>
      blobs.put(checkName(name), checkDigest(digest), content as Uint8Array | Readable),
    hasBlob: async (name, digest) => blobs.has(checkName(name), checkDigest(digest)),
    readBlob: async (name, digest) => blobs.read(checkName(name), checkDigest(digest)),
    async putManifest(name, { mediaType, bytes, tags = [] }) {
      checkName(name)
      checkTags(tags)
      const manifest = parseManifest(bytes)
      const digest = digestOf(bytes)
      const { subject } = await manifests.put(name, digest, { mediaType, bytes })
      if (manifest.subject && !subject) await referrers.enter(name, { manifest, mediaType, digest, size: bytes.length })
      for (const tag of tags) await manifests.put(name, tag, { mediaType, bytes })
      return digest
    },
    async readManifest(name, reference) {
      checkName(name)
      if (reference.includes(':')) checkDigest(reference)
      else checkTags([reference])
      return manifests.read(name, reference)
    },
    tags: async (name) => (await manifests.tags(checkName(name))).filter(({ tag }) => !isFallbackTag(tag)),
    referrers: async (name, digest) => referrers.list(checkName(name), checkDigest(digest)),
  }
}
