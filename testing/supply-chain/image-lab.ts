import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import { imageOf } from '#lib/oci/image.ts'
import { type Layer, writeLayer } from '#lib/oci/layer.ts'
import { baseLabel } from '#lib/oci/node-base.ts'
import { attestImage } from '#lib/supply-chain/attest.ts'
import { type ImageKey, imageKey } from '#lib/supply-chain/image-key.ts'
import { provenanceOf } from '#lib/supply-chain/provenance.ts'
import type { ReleaseQuestion } from '#lib/supply-chain/verify-image.ts'
import type { Artifacts } from '#ports/artifacts.ts'

export const testKey = imageKey(Buffer.alloc(32, 1).toString('base64url'))
export const strangersKey = imageKey(Buffer.alloc(32, 2).toString('base64url'))

const repository = 'team-a/shop'
const own = { uid: 10001, gid: 10001 }

export interface AttestOptions {
  readonly key?: ImageKey
  readonly commit?: string
  readonly repository?: string
  /** Name that the signature speaks of. */
  readonly name?: string
  readonly sbom?: string
}

/** A real artefact store with images made as `fairway ci publish` makes them. */
export async function startImageLab(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-images-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const store: Artifacts = localArtifacts({ folder: join(folder, 'artifacts') })
  const name = `${store.registry}/${repository}`
  const image = async (files: Readonly<Record<string, string>>) => {
    const layer = await layerOf(files, join(folder, randomUUID()))
    const base = await layerOf({ 'usr/local/bin/node': 'the runtime' }, join(folder, randomUUID()))
    const made = imageOf({
      layers: [
        { ...base, createdBy: 'fairway base node-24.21.0' },
        { ...layer, createdBy: 'fairway ci publish sha256:0' },
      ],
      architecture: 'amd64',
      os: 'linux',
      command: ['server.js'],
      created: '2026-01-01T00:00:00Z',
      labels: { [baseLabel]: 'node-24.21.0', 'org.opencontainers.image.revision': 'c'.repeat(40) },
    })
    for (const one of [base, layer]) await store.putBlob(repository, one.digest, createReadStream(one.file))
    await store.putBlob(repository, made.config.digest, made.config.bytes)
    return { repository, digest: await store.putManifest(repository, made.manifest) }
  }
  const attest = (at: { repository: string; digest: string }, options: AttestOptions = {}) =>
    attestImage({
      store,
      image: at,
      name: options.name ?? name,
      key: options.key ?? testKey,
      created: '2026-01-01T00:00:00Z',
      sbom: Buffer.from(options.sbom ?? '{"bomFormat":"CycloneDX"}'),
      provenance: (sbom) => provenanceOf({ ...facts, commit: 'c'.repeat(40), ...pick(options), sbom }),
    })
  /** What a deployment would ask of this image. */
  const question = (
    at: { repository: string; digest: string },
    named: { sbomDigest?: string; provenanceDigest?: string },
  ): ReleaseQuestion => ({
    store,
    image: at,
    name,
    keys: [testKey.pem],
    expected: {
      repository,
      commit: 'c'.repeat(40),
      sbomDigest: named.sbomDigest,
      provenanceDigest: named.provenanceDigest,
    },
  })
  return { folder, store, name, image, attest, question }
}

const facts = {
  source: 'http://localhost:7007/git/team-a/shop.git',
  repository,
  pipeline: { path: '.fairway/pipeline.yaml', sha256: 'a'.repeat(64) },
  lockfile: undefined,
  goldenPath: 'tiny@1',
  output: `sha256:${'b'.repeat(64)}`,
  baseLayer: undefined,
  run: 'run-1',
  builder: { id: 'https://fairway.dev/builders/control-plane', version: '0.1.0' },
  claims: [{ name: 'test', seconds: 1 }],
}

function pick({ commit, repository: other }: AttestOptions) {
  return { ...(commit && { commit }), ...(other && { repository: other }) }
}

function layerOf(files: Readonly<Record<string, string>>, file: string): Promise<Layer> {
  const folders = new Set(Object.keys(files).flatMap(parentsOf))
  const entries = [
    ...[...folders].map((path) => ({ path, mode: 0o755, ...own })),
    ...Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text), mode: 0o644, ...own })),
  ]
  return writeLayer(entries, { file, mtime: 0, gzip: true })
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}
