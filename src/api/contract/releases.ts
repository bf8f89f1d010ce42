import { z } from 'zod'
import { Name } from '#model/names.ts'
import { ReleaseDetail, TrustedKey } from '#model/vouched.ts'
import { route } from '../route.ts'

const ReleaseParams = z.object({ name: Name, version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,99}$/) })

export const readRelease = route({
  id: 'releases.read',
  method: 'GET',
  path: '/api/v1/services/:name/releases/:version',
  summary: 'One release, verified now: signature, provenance and bill of materials',
  access: 'signed-in',
  params: ReleaseParams,
  reply: ReleaseDetail,
})

export const releaseSbom = route({
  id: 'releases.sbom',
  method: 'GET',
  path: '/api/v1/services/:name/releases/:version/sbom',
  summary: 'The bill of materials as CycloneDX 1.6, byte for byte as it was signed',
  access: 'signed-in',
  params: ReleaseParams,
  reply: z.record(z.string(), z.unknown()),
})

export const releaseProvenance = route({
  id: 'releases.provenance',
  method: 'GET',
  path: '/api/v1/services/:name/releases/:version/provenance',
  summary: 'The signed SLSA provenance as a sigstore bundle, which cosign verifies',
  access: 'signed-in',
  params: ReleaseParams,
  reply: z.record(z.string(), z.unknown()),
})

export const listKeys = route({
  id: 'keys.list',
  method: 'GET',
  path: '/api/v1/keys',
  summary: 'Public keys that images may be signed with',
  access: 'signed-in',
  reply: z.object({ items: z.array(TrustedKey) }),
})
