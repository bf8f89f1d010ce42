import { z } from 'zod'
import { Commit, Digest, Instant, Name } from './names.ts'

/** Immutable: what one commit of a service became. */
export const Release = z
  .object({
    service: Name,
    owner: Name,
    version: z.string(),
    commit: Commit,
    image: z.string(),
    digest: Digest,
    /** Digest over score.yaml and .fairway/environments/. */
    configDigest: Digest,
    createdAt: Instant,
    createdBy: z.string(),
    run: z.string(),
    message: z.string(),
    /** What vouches for it, by digest; a release from before images were signed has none of the three. */
    sbomDigest: Digest.optional(),
    provenanceDigest: Digest.optional(),
    /** Id of the key. */
    signedBy: z.string().optional(),
  })
  .meta({ id: 'Release' })
export type Release = z.infer<typeof Release>

/** `envs/<environment>/<service>/release.yaml` of the delivery repository. */
export const ReleaseFile = z.object({
  apiVersion: z.literal('fairway.dev/v1'),
  kind: z.literal('Release'),
  service: Name,
  owner: Name,
  environment: Name,
  version: z.string(),
  commit: Commit,
  image: z.string(),
  digest: Digest,
  configDigest: Digest,
  sbomDigest: Digest.optional(),
  provenanceDigest: Digest.optional(),
  renderer: z.string(),
  bundleDigest: z.string(),
  run: z.string(),
  requestedBy: z.string(),
  promotedFrom: z.string().optional(),
})
export type ReleaseFile = z.infer<typeof ReleaseFile>

/** The version of a commit without a SemVer tag: `0.0.0-<commit time UTC yyyymmddhhmmss>-<12 hex>`. The same commit always gives the same. */
export function versionOf(commit: string, committedAt: string): string {
  return `0.0.0-${new Date(committedAt).toISOString().replace(/\D/g, '').slice(0, 14)}-${commit.slice(0, 12)}`
}
