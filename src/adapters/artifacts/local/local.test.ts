import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { digestOf } from '#lib/digest.ts'
import { describeArtifacts } from '../../../ports/artifacts.contract.ts'
import { localArtifacts } from './local.ts'

describeArtifacts('local', async (t) => localArtifacts({ folder: await tempFolder(t) }))

const name = 'team-a/shop'
const bytes = Buffer.from('some content')

test('bytes that changed on disk are never handed out as whole', async (t) => {
  const folder = await tempFolder(t)
  const store = localArtifacts({ folder })
  await store.putBlob(name, digestOf(bytes), bytes)
  const file = join(folder, 'blobs/sha256', digestOf(bytes).slice(7))
  await chmod(file, 0o644)
  await writeFile(file, 'some kontent')

  await assert.rejects(store.readBlob(name, digestOf(bytes)).then(buffer), { code: 'ARTIFACT_CORRUPT' })
})

test('a writer that ends in the middle leaves no blob', async (t) => {
  const folder = await tempFolder(t)
  const store = localArtifacts({ folder })
  const broken = (async function* () {
    yield bytes
    throw new Error('cable cut')
  })()

  await assert.rejects(store.putBlob(name, digestOf(bytes), broken as unknown as NodeJS.ReadableStream), /cable cut/)

  assert.equal(await store.hasBlob(name, digestOf(bytes)), false)
  assert.deepEqual(await readdir(join(folder, 'blobs/sha256')), [])
})

test('two stores on one folder lose none of each other’s manifests', async (t) => {
  const folder = await tempFolder(t)
  const stores = [localArtifacts({ folder }), localArtifacts({ folder })]
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 }
  await stores[0]?.putBlob(name, config.digest, Buffer.from('{}'))
  const manifest = (at: number) =>
    Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [], annotations: { at: String(at) } }))

  await Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (at) =>
      stores[at % 2]?.putManifest(name, {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        bytes: manifest(at),
        tags: [`v${at}`],
      }),
    ),
  )

  assert.equal((await stores[0]?.tags(name))?.length, 6)
})

test('the lock of a process that died is taken over', async (t) => {
  const folder = await tempFolder(t)
  const store = localArtifacts({ folder })
  const home = join(folder, 'repositories', name, '_layout')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'index.lock'), JSON.stringify({ pid: process.pid, started: 'another boot:1' }))
  await store.putBlob(name, digestOf('{}'), Buffer.from('{}'))
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 }

  const digest = await store.putManifest(name, {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [] })),
  })

  assert.equal((await store.readManifest(name, digest))?.digest, digest)
})

test('a repository on disk is an OCI image layout that other tools read', async (t) => {
  const folder = await tempFolder(t)
  const store = localArtifacts({ folder })
  await store.putBlob(name, digestOf('{}'), Buffer.from('{}'))
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 }
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [] }))

  const digest = await store.putManifest(name, {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    bytes: manifest,
    tags: ['1.0.0'],
  })

  const home = join(folder, 'repositories', name, '_layout')
  assert.deepEqual(JSON.parse(await readFile(join(home, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' })
  assert.deepEqual(JSON.parse(await readFile(join(home, 'index.json'), 'utf8')), {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: manifest.length,
        annotations: { 'org.opencontainers.image.ref.name': '1.0.0' },
      },
    ],
  })
  assert.deepEqual(await readFile(join(home, 'blobs/sha256', digest.slice(7))), manifest)
})

async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-artifacts-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
