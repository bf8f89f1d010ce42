import { type ErrorCode } from '#errors/catalogue.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { envelopeIn } from './bundle.ts'
import { type Opened, openEnvelope } from './dsse.ts'
import { shortKeyId } from './image-key.ts'
import { readReferrers, type Referrer, type ReferrerReader, type StoredImage } from './referrers.ts'
import { hexOf, Provenance, Statement, types } from './statement.ts'

export interface ImageQuestion {
  readonly store: ReferrerReader
  readonly image: StoredImage
  /** Name with registry that the signature must speak of. */
  readonly name: string
  /** Public keys that are trusted, as PEM. */
  readonly keys: readonly string[]
}

export interface ReleaseQuestion extends ImageQuestion {
  readonly expected: {
    /** `<owner>/<name>` of the repository it must have been built from. */
    readonly repository: string
    readonly commit: string
    /** Digest of the SBOM that the release names. */
    readonly sbomDigest: string | undefined
    /** Digest of the provenance that the release names. */
    readonly provenanceDigest: string | undefined
  }
}

export interface VerifiedRelease {
  /** Key id of who signed. */
  readonly signedBy: string
  readonly provenance: Provenance
  readonly provenanceBundle: Referrer
  readonly sbom: Referrer
}

/** Throws unless a trusted key vouches for exactly this image under exactly this name. Gives the key's id. */
export async function verifySignature(question: ImageQuestion): Promise<string> {
  const { name, image, store } = question
  if (!(await store.readManifest(image.repository, image.digest)))
    throw new PlatformError('ARTIFACT_UNKNOWN', `the artefact store has no image ${image.repository}@${image.digest}`)
  const bundles = await openBundles(question)
  const what = `${name}@${image.digest.slice(0, 19)}`
  if (bundles.length === 0)
    throw refusal('IMAGE_UNSIGNED', `${what} carries no signature`, 'push a commit: its release is signed')
  const found = bundles.find(
    ({ statement }) => statement?.predicateType === types.signature && isOf(statement, question),
  )
  if (found?.opened.state === 'verified') return found.opened.key
  refuseUnverified(what, bundles)
  throw refusal('IMAGE_UNSIGNED', `${what} carries no signature`, 'push a commit: its release is signed')
}

/** The signature, then the provenance and the SBOM that the release names; each must be there, intact and about this image. */
export async function verifyRelease(question: ReleaseQuestion): Promise<VerifiedRelease> {
  const signedBy = await verifySignature(question)
  const { bundle, provenance } = await verifyProvenance(question)
  const sbom = await verifySbom(question, provenance)
  return { signedBy, provenance, provenanceBundle: bundle, sbom }
}

async function verifyProvenance(question: ReleaseQuestion) {
  const { expected, name } = question
  const wanted = expected.provenanceDigest
  const again = 'push a commit: its release has a provenance'
  if (!wanted) throw refusal('PROVENANCE_MISSING', `the release of ${name} names no provenance`, again)
  const bundles = await openBundles(question)
  const found = bundles.find(({ referrer }) => referrer.digest === wanted)
  if (!found)
    throw refusal('PROVENANCE_MISSING', `the store has no provenance ${wanted.slice(0, 19)} of ${name}`, again)
  if (found.opened.state !== 'verified') refuseUnverified(`the provenance of ${name}`, [found])
  const { statement } = found
  const read = Provenance.safeParse(statement?.predicate)
  if (statement?.predicateType !== types.provenance || !isOf(statement, question) || !read.success)
    throw mismatch(`the provenance ${wanted.slice(0, 19)} is not about ${name}@${question.image.digest.slice(0, 19)}`)
  const { repository, commit } = read.data.buildDefinition.externalParameters
  if (repository !== expected.repository)
    throw mismatch(`the image was built from repository ${repository}, not from ${expected.repository}`)
  if (commit !== expected.commit)
    throw mismatch(`the image was built from commit ${commit.slice(0, 12)}, not from ${expected.commit.slice(0, 12)}`)
  return { bundle: found.referrer, provenance: read.data }
}

async function verifySbom(question: ReleaseQuestion, provenance: Provenance): Promise<Referrer> {
  const { expected, image, store, name } = question
  const again = 'push a commit: its release has an SBOM'
  if (!expected.sbomDigest) throw refusal('SBOM_MISSING', `the release of ${name} names no SBOM`, again)
  const signed = provenance.runDetails.byproducts.find(({ mediaType }) => mediaType === types.sbom)?.digest?.['sha256']
  if (signed !== hexOf(expected.sbomDigest))
    throw refusal(
      'SBOM_MISMATCH',
      `the release names the SBOM ${expected.sbomDigest.slice(0, 19)}, the provenance ${signed ? `sha256:${signed.slice(0, 12)}` : 'none'}`,
      'compare both with fairway release show; then push a commit',
    )
  const found = (await readReferrers(store, image, types.sbom)).find(({ digest }) => digest === expected.sbomDigest)
  if (found) return found
  const listed = await store.referrers(image.repository, image.digest)
  throw listed.some(({ artifactType }) => artifactType === types.sbom)
    ? refusal('SBOM_MISMATCH', `the SBOM of ${name} in the store is not ${expected.sbomDigest.slice(0, 19)}`, again)
    : refusal('SBOM_MISSING', `the store has no SBOM of ${name}@${image.digest.slice(0, 19)}`, again)
}

interface OpenedBundle {
  readonly referrer: Referrer
  readonly opened: Opened
  readonly statement: Statement | undefined
}

async function openBundles({ store, image, keys }: ImageQuestion): Promise<readonly OpenedBundle[]> {
  return (await readReferrers(store, image, types.bundle)).map((referrer) => {
    const envelope = envelopeIn(referrer.bytes)
    const opened: Opened = envelope ? openEnvelope(envelope, keys) : { state: 'broken' }
    return { referrer, opened, statement: opened.state === 'verified' ? statementIn(opened) : undefined }
  })
}

function statementIn({ payload, payloadType }: { payload: Buffer; payloadType: string }): Statement | undefined {
  if (payloadType !== types.payload) return undefined
  try {
    return Statement.parse(JSON.parse(payload.toString('utf8')))
  } catch {
    return undefined
  }
}

function isOf(statement: Statement, { name, image }: ImageQuestion): boolean {
  return statement.subject.some((one) => one.name === name && one.digest.sha256 === hexOf(image.digest))
}

// The reason that helps most: somebody else's key, then a signature that is about something else or damaged.
function refuseUnverified(what: string, bundles: readonly OpenedBundle[]): void {
  const strangers = new Set(bundles.flatMap(({ opened }) => (opened.state === 'untrusted' ? opened.keys : [])))
  const known = bundles.some(({ opened }) => opened.state !== 'untrusted')
  if (!known)
    throw refusal(
      'IMAGE_SIGNER_UNTRUSTED',
      `${what} is signed by ${[...strangers].map(shortKeyId).join(', ')}, which is not trusted here`,
      'fairway keys list shows the trusted keys; docs/guide/supply-chain.md says how one is added',
    )
  const broken = bundles.some(({ opened }) => opened.state === 'broken')
  const about = bundles.some(({ statement }) => statement?.predicateType === types.signature)
  if (broken || about)
    throw refusal(
      'IMAGE_SIGNATURE_INVALID',
      broken ? `a signature of ${what} is damaged` : `the signature found for ${what} is of another image`,
      'the store was changed behind the platform; push a commit for a new image and look into the audit log',
    )
}

function mismatch(message: string): PlatformError {
  return refusal(
    'PROVENANCE_MISMATCH',
    message,
    'nothing was deployed; see who wrote the artefact store, then push a commit',
  )
}

function refusal(code: ErrorCode, message: string, hint: string): PlatformError {
  return new PlatformError(code, message, { hint })
}
