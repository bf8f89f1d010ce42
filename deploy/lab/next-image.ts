import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { ociRegistry } from '#adapters/artifacts/oci-registry/oci-registry.ts'
import type { OciRegistryOptions } from '#adapters/artifacts/oci-registry/options.ts'

const versionLabel = 'org.opencontainers.image.version'

/** The same layers under another version, pushed: an image with a digest of its own, for a rollout. */
export async function nextImage(options: OciRegistryOptions, image: string, version: string): Promise<string> {
  const artifacts = ociRegistry(options)
  const [reference = '', digest = ''] = image.split('@')
  const name = reference.slice(artifacts.registry.length + 1)
  const found = await artifacts.readManifest(name, digest)
  if (!found) throw new Error(`${image} is not in the registry`)
  const manifest = JSON.parse(String(Buffer.from(found.bytes))) as Manifest
  const config = JSON.parse(String(await buffer(await artifacts.readBlob(name, manifest.config.digest)))) as Config
  config.config.Labels[versionLabel] = version
  const bytes = Buffer.from(JSON.stringify(config))
  manifest.config.digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  manifest.config.size = bytes.length
  await artifacts.putBlob(name, manifest.config.digest, bytes)
  const next = { mediaType: found.mediaType, bytes: Buffer.from(JSON.stringify(manifest)) }
  return `${reference}@${await artifacts.putManifest(name, next)}`
}

interface Manifest {
  readonly config: { digest: string; size: number }
}

interface Config {
  readonly config: { readonly Labels: Record<string, string> }
}
