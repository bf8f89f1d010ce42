import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startImageLab, strangersKey, testKey } from '../../../testing/supply-chain/image-lab.ts'
import { bundleOf } from './bundle.ts'
import { preAuthEncoding } from './dsse.ts'
import { attach } from './referrers.ts'
import { statementOf, types } from './statement.ts'
import { verifyRelease, verifySignature } from './verify-image.ts'

const server = { 'app/server.js': 'console.log(1)' }
const annotations = {}

test('what is signed is type and body with their lengths, as the DSSE specification prints it', () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))

  assert.equal(encoded.toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('the key id is the fingerprint that ssh-keygen shows, since cosign skips envelopes with any other', () => {
  assert.equal(testKey.id, 'SHA256:YFOSdoomjG1xcemA0K3GSPzvPVj4ITkrIJNQ90HNBQA')
})

test('an image that the platform attested verifies, with who signed it and what it was built from', async (t) => {
  const { lab, image, attested } = await attestedImage(t)

  const verified = await verifyRelease(lab.question(image, attested))

  assert.equal(verified.signedBy, testKey.id)
  assert.equal(verified.provenance.buildDefinition.externalParameters.repository, 'team-a/shop')
  assert.equal(verified.sbom.digest, attested.sbomDigest)
})

test('attesting again changes nothing: the same digests, no second referrer', async (t) => {
  const { lab, image, attested } = await attestedImage(t)
  const before = await lab.store.referrers(image.repository, image.digest)

  const again = await lab.attest(image)

  assert.deepEqual(again, attested)
  assert.deepEqual(await lab.store.referrers(image.repository, image.digest), before)
  assert.equal(before.length, 3)
})

test('an image without any signature is IMAGE_UNSIGNED', async (t) => {
  const lab = await startImageLab(t)
  const image = await lab.image(server)

  await assert.rejects(verifyRelease(lab.question(image, {})), { code: 'IMAGE_UNSIGNED' })
})

test('a signature by a key that is not trusted is IMAGE_SIGNER_UNTRUSTED, and names the key', async (t) => {
  const lab = await startImageLab(t)
  const image = await lab.image(server)
  const attested = await lab.attest(image, { key: strangersKey })

  const verifying = verifyRelease(lab.question(image, attested))

  await assert.rejects(verifying, { code: 'IMAGE_SIGNER_UNTRUSTED', message: /signed by \S{12}, which is not trusted/ })
})

test('with no key trusted at all nothing verifies', async (t) => {
  const { lab, image, attested } = await attestedImage(t)

  const verifying = verifySignature({ ...lab.question(image, attested), keys: [] })

  await assert.rejects(verifying, { code: 'IMAGE_SIGNER_UNTRUSTED' })
})

test('a trusted signature of another image, attached to this one, is IMAGE_SIGNATURE_INVALID', async (t) => {
  const lab = await startImageLab(t)
  const [image, other] = [await lab.image(server), await lab.image({ 'app/server.js': 'console.log(2)' })]
  const bytes = bundleOf(testKey, statementOf({ name: lab.name, digest: other.digest }, types.signature, {}))
  await attach(lab.store, image, { artifactType: types.bundle, bytes, annotations })

  await assert.rejects(verifySignature(lab.question(image, {})), { code: 'IMAGE_SIGNATURE_INVALID' })
})

test('a signature that speaks of another name is IMAGE_SIGNATURE_INVALID', async (t) => {
  const lab = await startImageLab(t)
  const image = await lab.image(server)
  const attested = await lab.attest(image, { name: 'fairway.local/team-b/other' })

  await assert.rejects(verifyRelease(lab.question(image, attested)), { code: 'IMAGE_SIGNATURE_INVALID' })
})

test('a payload that was changed under a trusted key’s name is IMAGE_SIGNATURE_INVALID', async (t) => {
  const lab = await startImageLab(t)
  const [image, other] = [await lab.image(server), await lab.image({ 'app/server.js': 'console.log(2)' })]
  const honest = bundleOf(testKey, statementOf({ name: lab.name, digest: other.digest }, types.signature, {}))
  const bundle = JSON.parse(honest.toString()) as { dsseEnvelope: { payload: string } }
  const forged = statementOf({ name: lab.name, digest: image.digest }, types.signature, {})
  bundle.dsseEnvelope.payload = forged.toString('base64')
  await attach(lab.store, image, {
    artifactType: types.bundle,
    bytes: Buffer.from(JSON.stringify(bundle)),
    annotations,
  })

  await assert.rejects(verifySignature(lab.question(image, {})), { code: 'IMAGE_SIGNATURE_INVALID' })
})

test('a provenance is not a signature: the image stays IMAGE_UNSIGNED', async (t) => {
  const lab = await startImageLab(t)
  const image = await lab.image(server)
  const bytes = bundleOf(testKey, statementOf({ name: lab.name, digest: image.digest }, types.provenance, {}))
  await attach(lab.store, image, { artifactType: types.bundle, bytes, annotations })

  await assert.rejects(verifySignature(lab.question(image, {})), { code: 'IMAGE_UNSIGNED' })
})

for (const [what, made] of [
  ['repository', { repository: 'team-b/other' }],
  ['commit', { commit: 'd'.repeat(40) }],
] as const)
  test(`a provenance of another ${what} is PROVENANCE_MISMATCH`, async (t) => {
    const lab = await startImageLab(t)
    const image = await lab.image(server)
    const attested = await lab.attest(image, made)

    await assert.rejects(verifyRelease(lab.question(image, attested)), { code: 'PROVENANCE_MISMATCH' })
  })

test('the provenance of another image is PROVENANCE_MISSING here, and so is a release that names none', async (t) => {
  const { lab, image, attested } = await attestedImage(t)
  const other = await lab.attest(await lab.image({ 'app/server.js': 'console.log(2)' }))
  const { sbomDigest } = attested

  const foreign = verifyRelease(lab.question(image, { ...attested, provenanceDigest: other.provenanceDigest }))

  await assert.rejects(foreign, { code: 'PROVENANCE_MISSING' })
  await assert.rejects(verifyRelease(lab.question(image, { sbomDigest })), { code: 'PROVENANCE_MISSING' })
})

test('an SBOM that the provenance does not name is SBOM_MISMATCH, even when the release names it', async (t) => {
  const { lab, image, attested } = await attestedImage(t)
  const bytes = Buffer.from('{"bomFormat":"CycloneDX","components":[]}')
  const other = await attach(lab.store, image, { artifactType: types.sbom, bytes, annotations })

  const verifying = verifyRelease(lab.question(image, { ...attested, sbomDigest: other.digest }))

  await assert.rejects(verifying, { code: 'SBOM_MISMATCH' })
})

test('an SBOM that was changed in the store is SBOM_MISMATCH', async (t) => {
  const { lab, image, attested } = await attestedImage(t)
  const file = join(lab.folder, 'artifacts/blobs/sha256', attested.sbomDigest.slice(7))
  await chmod(file, 0o644)
  await writeFile(file, (await readFile(file, 'utf8')).replace('CycloneDX', 'CycloneDY'))

  await assert.rejects(verifyRelease(lab.question(image, attested)), { code: 'SBOM_MISMATCH' })
})

test('a release that names no SBOM, and a store that lists none, are SBOM_MISSING', async (t) => {
  const { lab, image, attested } = await attestedImage(t)
  const { provenanceDigest } = attested
  const index = join(lab.folder, 'artifacts/repositories/team-a/shop/_layout/index.json')
  const list = JSON.parse(await readFile(index, 'utf8')) as { manifests: { artifactType?: string }[] }
  list.manifests = list.manifests.filter(({ artifactType }) => artifactType !== types.sbom)
  await writeFile(index, JSON.stringify(list))

  await assert.rejects(verifyRelease(lab.question(image, { provenanceDigest })), { code: 'SBOM_MISSING' })
  await assert.rejects(verifyRelease(lab.question(image, attested)), { code: 'SBOM_MISSING' })
})

async function attestedImage(t: TestContext) {
  const lab = await startImageLab(t)
  const image = await lab.image(server)
  return { lab, image, attested: await lab.attest(image) }
}
