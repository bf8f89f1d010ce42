import { z } from 'zod'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { Provenance } from '#lib/supply-chain/statement.ts'
import type { VerifiedRelease } from '#lib/supply-chain/verify-image.ts'
import type { Release } from '#model/release.ts'
import type { Origin, ReleaseDetail, SbomPart, TrustedKey, Vouched } from '#model/vouched.ts'
import { findRelease } from '#store/release.ts'
import { verifyReleased } from '#workflows/deliver/verify-image.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller, requireService } from './caller.ts'

export interface ReleaseName {
  readonly name: string
  readonly version: string
}

/** A release, verified now as a deployment would: what is shown of origin and packages was signed. */
export async function readRelease(platform: Platform, caller: Caller, named: ReleaseName): Promise<ReleaseDetail> {
  const release = await requireRelease(platform, caller, named)
  const checkedAt = new Date().toISOString()
  const found = await verifiedOr(platform, release)
  if ('refusal' in found) return { release, vouched: { ...found.refusal, checkedAt } }
  return {
    release,
    vouched: { state: 'verified', signedBy: found.signedBy, checkedAt },
    origin: originOf(found.provenance),
    sbom: sbomOf(found),
  }
}

/** The bill of materials itself, as it was signed. Refused when it does not verify. */
export async function readSbom(platform: Platform, caller: Caller, named: ReleaseName) {
  const { sbom } = await verifyReleased(platform, await requireRelease(platform, caller, named))
  return Document.parse(JSON.parse(sbom.bytes.toString('utf8')))
}

/** The signed provenance as the bundle that cosign reads. */
export async function readProvenance(platform: Platform, caller: Caller, named: ReleaseName) {
  const { provenanceBundle } = await verifyReleased(platform, await requireRelease(platform, caller, named))
  return Document.parse(JSON.parse(provenanceBundle.bytes.toString('utf8')))
}

/** The public keys that this platform believes, the one it signs with now among them. */
export function listTrustedKeys(platform: Platform, caller: Caller): TrustedKey[] {
  authorise(caller, 'read')
  return platform.signing.trusted.map(({ id, pem, active }) => ({ id, pem, active }))
}

const Document = z.record(z.string(), z.unknown())

async function requireRelease(platform: Platform, caller: Caller, { name, version }: ReleaseName): Promise<Release> {
  authorise(caller, 'read')
  await requireService(platform, name)
  const release = await findRelease(platform.db, name, { version })
  if (release) return release
  throw new PlatformError('RELEASE_UNKNOWN', `${name} has no release ${version}`, {
    hint: `fairway release list ${name}`,
  })
}

async function verifiedOr(
  platform: Platform,
  release: Release,
): Promise<VerifiedRelease | { refusal: Omit<Vouched, 'checkedAt'> }> {
  try {
    return await verifyReleased(platform, release)
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    const { message, hint } = error as PlatformError
    return { refusal: { state: 'refused', code, reason: message, ...(hint && { hint }) } }
  }
}

const Steps = z.array(z.object({ name: z.string(), seconds: z.number() }))

function originOf({ buildDefinition, runDetails }: Provenance): Origin {
  const { repository, commit, goldenPath } = buildDefinition.externalParameters
  const claims = runDetails.byproducts.find(({ name }) => name === 'pipeline-steps')?.annotations?.['steps']
  return {
    repository,
    commit,
    goldenPath: typeof goldenPath === 'string' ? goldenPath : 'unknown',
    builder: runDetails.builder.id,
    run: runDetails.metadata.invocationId,
    materials: buildDefinition.resolvedDependencies.map(({ name, uri, digest = {} }) => ({
      name: name ?? uri ?? 'unnamed',
      digest: Object.entries(digest)
        .map(([algorithm, value]) => `${algorithm}:${value}`)
        .join(' '),
    })),
    claims: Steps.safeParse(claims).data ?? [],
  }
}

const Bom = z.object({
  components: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      version: z.string().default(''),
      purl: z.string().optional(),
      licenses: z.array(z.object({ license: z.object({ name: z.string() }) })).optional(),
      evidence: z.object({ identity: z.array(z.object({ confidence: z.number() })) }).optional(),
    }),
  ),
})

function sbomOf({ sbom }: VerifiedRelease): NonNullable<ReleaseDetail['sbom']> {
  const { components } = Bom.parse(JSON.parse(sbom.bytes.toString('utf8')))
  const packages = components.flatMap(({ name, version, purl, licenses, evidence }): SbomPart[] => {
    if (!purl) return []
    const license = licenses?.[0]?.license.name
    const sure = (evidence?.identity[0]?.confidence ?? 1) === 1
    return [{ name, version, purl, ...(license && { license }), evidence: sure ? 'installed' : 'lockfile' }]
  })
  return { digest: sbom.digest, components: components.length, packages: packages.slice(0, 2_000) }
}
