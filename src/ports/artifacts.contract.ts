import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import type { Artifacts } from './artifacts.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** What every artefact store promises. `make` gives a store that may hold other repositories, not ours. */
export function describeArtifacts(product: string, make: (t: TestContext) => Promise<Artifacts>): void {
  const promise = (what: string, check: (store: Artifacts, name: string) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t), `team-a/contract-${randomUUID().slice(0, 8)}`))

  promise('a blob comes back as it was put, from bytes and from a stream', async (store, name) => {
    const [one, other] = [Buffer.from('first'), Buffer.alloc(300_000, 7)]

    await store.putBlob(name, digestOf(one), one)
    await store.putBlob(name, digestOf(other), Readable.from([other.subarray(0, 100_000), other.subarray(100_000)]))

    assert.deepEqual(await buffer(await store.readBlob(name, digestOf(one))), one)
    assert.deepEqual(await buffer(await store.readBlob(name, digestOf(other))), other)
  })

  promise('putting the same blob many times at once changes nothing', async (store, name) => {
    const bytes = Buffer.from('again')

    await Promise.all(Array.from({ length: 8 }, () => store.putBlob(name, digestOf(bytes), bytes)))

    assert.equal(await store.hasBlob(name, digestOf(bytes)), true)
    assert.deepEqual(await buffer(await store.readBlob(name, digestOf(bytes))), bytes)
  })

  promise('a blob whose bytes do not match its digest is refused and not kept', async (store, name) => {
    const digest = digestOf(Buffer.from('right'))

    await assert.rejects(store.putBlob(name, digest, Buffer.from('wrong')), { code: 'ARTIFACT_CORRUPT' })

    assert.equal(await store.hasBlob(name, digest), false)
  })

  promise('what is absent is said to be absent', async (store, name) => {
    const digest = digestOf(Buffer.from(randomUUID()))

    assert.equal(await store.hasBlob(name, digest), false)
    await assert.rejects(store.readBlob(name, digest), { code: 'ARTIFACT_UNKNOWN' })
    assert.equal(await store.readManifest(name, digest), undefined)
    assert.equal(await store.readManifest(name, 'no-such-tag'), undefined)
    assert.deepEqual(await store.tags(name), [])
    assert.deepEqual(await store.referrers(name, digest), [])
  })

  promise('a manifest comes back byte for byte, by digest and by every tag', async (store, name) => {
    const bytes = await manifestFor(store, name)

    const digest = await store.putManifest(name, { mediaType: manifestType, bytes, tags: ['1.0.0', 'latest'] })

    assert.equal(digest, digestOf(bytes))
    for (const reference of [digest, '1.0.0', 'latest']) {
      const read = await store.readManifest(name, reference)
      assert.deepEqual([read?.digest, read?.mediaType, read && Buffer.from(read.bytes)], [digest, manifestType, bytes])
    }
  })

  promise('a tag that is put again moves, and the older manifest stays readable by digest', async (store, name) => {
    const older = await manifestFor(store, name, { annotations: { round: '1' } })
    const newer = await manifestFor(store, name, { annotations: { round: '2' } })
    await store.putManifest(name, { mediaType: manifestType, bytes: older, tags: ['latest'] })

    await store.putManifest(name, { mediaType: manifestType, bytes: newer, tags: ['latest'] })

    assert.deepEqual(await store.tags(name), [{ tag: 'latest', digest: digestOf(newer) }])
    assert.equal((await store.readManifest(name, digestOf(older)))?.digest, digestOf(older))
  })

  promise('writers at the same time lose none of each other’s tags', async (store, name) => {
    const numbers = Array.from({ length: 12 }, (_, at) => at)
    const manifests = await Promise.all(
      numbers.map((at) => manifestFor(store, name, { annotations: { at: String(at) } })),
    )

    await Promise.all(
      manifests.map((bytes, at) => store.putManifest(name, { mediaType: manifestType, bytes, tags: [`v${at}`] })),
    )

    const tags = await store.tags(name)
    assert.deepEqual(tags.map(({ tag }) => tag).toSorted(), numbers.map((at) => `v${at}`).toSorted())
  })

  promise('a manifest that names a blob which is not there is refused', async (store, name) => {
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: digestOf(Buffer.from(randomUUID())),
      size: 36,
    }
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: [] }))

    await assert.rejects(store.putManifest(name, { mediaType: manifestType, bytes }), { code: 'ARTIFACT_UNKNOWN' })
  })

  test(`${product}: what refers to an image is found by the image’s digest`, async (t) => {
    const store = await make(t)
    if (!store.can.referrers) return t.skip('this store cannot')
    const name = `team-a/contract-${randomUUID().slice(0, 8)}`
    const image = await manifestFor(store, name)
    const subject = await store.putManifest(name, { mediaType: manifestType, bytes: image })
    const artifactType = 'application/vnd.in-toto+json'

    const bytes = await manifestFor(store, name, {
      artifactType,
      subject: { mediaType: manifestType, digest: subject, size: image.length },
    })
    const digest = await store.putManifest(name, { mediaType: manifestType, bytes })

    assert.deepEqual(await store.referrers(name, subject), [{ digest, artifactType }])
  })

  promise('names, digests and tags that could be paths are refused', async (store, name) => {
    const digest = digestOf(Buffer.from('x'))

    for (const bad of ['../escape', '/absolute', 'team-a/../../x', 'UPPER/case', '']) {
      await assert.rejects(store.hasBlob(bad, digest), { code: 'INPUT_INVALID' })
    }
    await assert.rejects(store.hasBlob(name, 'sha256:../../etc/passwd'), { code: 'INPUT_INVALID' })
    const bytes = await manifestFor(store, name)
    await assert.rejects(store.putManifest(name, { mediaType: manifestType, bytes, tags: ['../x'] }), {
      code: 'INPUT_INVALID',
    })
  })
}

async function manifestFor(
  store: Artifacts,
  name: string,
  { annotations = {}, ...more }: { annotations?: Record<string, string>; [key: string]: unknown } = {},
): Promise<Buffer> {
  const config = Buffer.from('{}')
  await store.putBlob(name, digestOf(config), config)
  const descriptor = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(config), size: config.length }
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      ...more,
      config: descriptor,
      layers: [descriptor],
      annotations,
    }),
  )
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
