import { bundleOf, envelopeIn } from './bundle.ts'
import { openEnvelope } from './dsse.ts'
import type { ImageKey } from './image-key.ts'
import { attach, readReferrers, type Referrer, type ReferrerStore, type StoredImage } from './referrers.ts'
import { Statement, statementOf, types } from './statement.ts'

export interface AttestRequest {
  readonly store: ReferrerStore
  readonly image: StoredImage
  /** Name with registry, which the signature speaks of. */
  readonly name: string
  readonly key: ImageKey
  /** Goes into the referrers' annotations; taken from the commit, so that a repeat is the same. */
  readonly created: string
  readonly sbom: Uint8Array
  readonly provenance: (sbomDigest: string) => object
}

export interface Attested {
  readonly sbomDigest: string
  readonly provenanceDigest: string
  readonly signatureDigest: string
}

/**
 * Attaches SBOM, provenance and signature, the signature last: an attempt that was cut off leaves an image that nothing
 * deploys. ECDSA never signs twice alike, so what an earlier attempt signed is found by its statement and adopted.
 */
export async function attestImage(request: AttestRequest): Promise<Attested> {
  const { store, image, created } = request
  const annotations = { 'org.opencontainers.image.created': created }
  const sbom = await attach(store, image, { artifactType: types.sbom, bytes: request.sbom, annotations })
  const provenance = await signedOnce(request, types.provenance, request.provenance(sbom.digest))
  const signature = await signedOnce(request, types.signature, {})
  return { sbomDigest: sbom.digest, provenanceDigest: provenance.digest, signatureDigest: signature.digest }
}

async function signedOnce(request: AttestRequest, predicateType: string, predicate: object): Promise<Referrer> {
  const { store, image, name, key, created } = request
  const statement = statementOf({ name, digest: image.digest }, predicateType, predicate)
  const known = await readReferrers(store, image, types.bundle)
  const adopted = known.find(({ bytes }) => statementIn(bytes, key)?.equals(statement))
  if (adopted) return adopted
  return attach(store, image, {
    artifactType: types.bundle,
    bytes: bundleOf(key, statement),
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
      'org.opencontainers.image.created': created,
    },
  })
}

function statementIn(bundle: Uint8Array, key: ImageKey): Buffer | undefined {
  const envelope = envelopeIn(bundle)
  const opened = envelope && openEnvelope(envelope, [key.pem])
  return opened?.state === 'verified' && Statement.safeParse(JSON.parse(opened.payload.toString('utf8'))).success
    ? opened.payload
    : undefined
}
