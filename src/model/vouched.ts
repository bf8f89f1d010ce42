import { z } from 'zod'
import { Digest, Instant } from './names.ts'
import { Release } from './release.ts'

/** Whether an image is what its release says, as the deployment would find now. */
export const Vouched = z
  .object({
    state: z.enum(['verified', 'refused']),
    /** When refused: the code, why, and the next step. */
    code: z.string().optional(),
    reason: z.string().optional(),
    hint: z.string().optional(),
    /** Id of the key whose signature was found good. */
    signedBy: z.string().optional(),
    checkedAt: Instant,
  })
  .meta({ id: 'Vouched' })
export type Vouched = z.infer<typeof Vouched>

/** Where an image came from: read from its signed provenance. */
export const Origin = z
  .object({
    repository: z.string(),
    commit: z.string(),
    goldenPath: z.string(),
    builder: z.string(),
    run: z.string(),
    materials: z.array(z.object({ name: z.string(), digest: z.string() })),
    /** What the pipeline says it did; nobody verified it. */
    claims: z.array(z.object({ name: z.string(), seconds: z.number() })),
  })
  .meta({ id: 'Origin' })
export type Origin = z.infer<typeof Origin>

export const SbomPart = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  purl: z.string(),
  /** Installed in the image, or only named by the lockfile: a bundler may have left it out. */
  evidence: z.enum(['installed', 'lockfile']),
})
export type SbomPart = z.infer<typeof SbomPart>

/** A release with everything that vouches for it. Origin and packages are there only when they verified. */
export const ReleaseDetail = z
  .object({
    release: Release,
    vouched: Vouched,
    origin: Origin.optional(),
    sbom: z.object({ digest: Digest, components: z.int(), packages: z.array(SbomPart) }).optional(),
  })
  .meta({ id: 'ReleaseDetail' })
export type ReleaseDetail = z.infer<typeof ReleaseDetail>

/** A public key that images may be signed with. */
export const TrustedKey = z.object({ id: z.string(), pem: z.string(), active: z.boolean() }).meta({ id: 'TrustedKey' })
export type TrustedKey = z.infer<typeof TrustedKey>
