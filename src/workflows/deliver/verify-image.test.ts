import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { types } from '#lib/supply-chain/statement.ts'
import { type Release, ReleaseFile } from '#model/release.ts'
import { deliveryRepo } from '#model/names.ts'
import { promoteService, rollbackService } from '#services/promote-service.ts'
import { readRelease, readSbom } from '#services/read-release.ts'
import { digestOf } from '#lib/digest.ts'
import { reviewChange } from '#services/review-changes.ts'
import { releaseRunId } from '#services/start-run.ts'
import { writeTree } from '#lib/git/trees.ts'
import type { Run } from '#model/run.ts'
import { findRun } from '#store/run.ts'
import { z } from 'zod'
import { waitUntil } from '../../../testing/wait-until.ts'
import { listReleases } from '#store/release.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import { deploymentsIn } from './history.ts'
import { verifyReleased, verifyTree } from './verify-image.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'

const repo = { owner: 'team-a', name: 'shop' }
let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
  await whole.service('shop')
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('a release carries the digests of its SBOM and its provenance, in the index and in the delivery folder', async () => {
  const release = await newest()
  const text = await whole.platform.ports.gitHost.files.read(deliveryRepo, 'main', 'envs/dev/shop/release.yaml')

  const file = readYamlAs(text ?? '', ReleaseFile, { code: 'SETTINGS_INVALID', file: 'release.yaml' }).value
  const verified = await verifyReleased(whole.platform, release)

  assert.equal(release.signedBy, whole.platform.signing.key.id)
  assert.deepEqual([file.sbomDigest, file.provenanceDigest], [release.sbomDigest, release.provenanceDigest])
  const { buildDefinition, runDetails } = verified.provenance
  assert.equal(buildDefinition.externalParameters.commit, release.commit)
  assert.equal(runDetails.metadata.invocationId, release.run)
  const claims = runDetails.byproducts.find(({ name }) => name === 'pipeline-steps')
  assert.match(String(claims?.annotations?.['claimedBy']), /pipeline/)
})

test('a file that the pipeline calls an SBOM, a provenance or a signature is a file of the image and nothing more', async () => {
  const lie = '{"bomFormat":"CycloneDX","components":[{"name":"clean-as-snow"}]}'
  const build = `import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
    mkdirSync('dist'); cpSync('server.js', 'dist/server.js')
    for (const name of ['sbom.json', 'sbom.cdx.json', 'provenance.json', 'image.sigstore.json']) writeFileSync('dist/' + name, '${lie}')`
  const commit = await whole.push({ repo, by: 'dev', write: { 'build.js': build } })
  await whole.ended(releaseRunId('shop', commit), 'succeeded')

  const { sbom } = await verifyReleased(whole.platform, await newest())

  assert.match(sbom.bytes.toString(), /"name":"\/app\/sbom\.json"/)
  assert.doesNotMatch(sbom.bytes.toString(), /clean-as-snow/)
})

test('a release says who signed it, where it came from and what is in it; its SBOM is the bytes that were signed', async () => {
  const { service: name, version, sbomDigest } = await newest()
  const caller = await whole.caller('auditor')

  const detail = await readRelease(whole.platform, caller, { name, version })
  const sbom = await readSbom(whole.platform, caller, { name, version })

  assert.equal(detail.vouched.state, 'verified')
  assert.equal(detail.vouched.signedBy, whole.platform.signing.key.id)
  assert.equal(detail.origin?.repository, 'team-a/shop')
  assert.deepEqual(
    detail.sbom?.packages.map((one) => one.name),
    ['node'],
  )
  assert.equal(digestOf(JSON.stringify(sbom)), sbomDigest)
  await refusedWith('RELEASE_UNKNOWN', readRelease(whole.platform, caller, { name, version: '9.9.9' }))
})

test('without its signature in the store an image is neither rolled back to, nor merged after it was approved', async () => {
  await whole.ended((await promote('staging')).id, 'succeeded')
  const waiting = await whole.ended((await promote('production')).id, 'waiting')
  const putBack = await takeAway(types.bundle)

  const rolledBack = await failed((await rollback()).id)
  await approve(waiting)
  const merged = await failed(waiting.id)

  const { name, version } = { name: 'shop', version: (await newest()).version }
  const shown = await readRelease(whole.platform, await whole.caller('dev'), { name, version })
  await refusedWith('IMAGE_UNSIGNED', readSbom(whole.platform, await whole.caller('dev'), { name, version }))

  await putBack()
  assert.deepEqual([shown.vouched.code, shown.sbom, shown.origin], ['IMAGE_UNSIGNED', undefined, undefined])
  assert.deepEqual([rolledBack.error?.code, stepThatFailed(rolledBack)], ['IMAGE_UNSIGNED', 'open-change'])
  assert.deepEqual([merged.error?.code, stepThatFailed(merged)], ['IMAGE_UNSIGNED', 'merge-change'])
  assert.deepEqual(await deploymentsIn(whole.platform, { service: 'shop', environment: 'production' }), [])
})

test('a folder whose manifests start another image than its release names is refused', async () => {
  const path = 'envs/dev/shop/deployment.yaml'
  const { gitHost } = whole.platform.ports
  const text = (await gitHost.files.read(deliveryRepo, 'main', path)) ?? ''
  const other = text.replace(/@sha256:[0-9a-f]{64}/g, `@sha256:${'e'.repeat(64)}`)
  assert.notEqual(other, text)
  const objects = { dir: whole.platform.objects }
  const tree = await writeTree(objects, [
    { path: 'deployment.yaml', content: other },
    {
      path: 'release.yaml',
      content: (await gitHost.files.read(deliveryRepo, 'main', 'envs/dev/shop/release.yaml')) ?? '',
    },
  ])

  const place = { service: 'shop', owner: 'team-a', environment: 'dev' }
  const refused = await refusedWith('PROVENANCE_MISMATCH', verifyTree(whole.platform, { place, tree }))

  assert.match(refused.message, /the manifests start fairway\.local\/team-a\/shop@sha256:eeee/)
})

async function newest(): Promise<Release> {
  const [release] = await listed()
  assert.ok(release)
  return release
}

function listed() {
  return listReleases(whole.platform.db, 'shop', 10)
}

async function promote(to: string) {
  return promoteService(whole.platform, await whole.caller('dev'), { request: { service: 'shop', to } })
}

async function rollback() {
  const request = { service: 'shop', environment: 'dev', to: undefined, reason: '' }
  return rollbackService(whole.platform, await whole.caller('dev'), { request })
}

async function approve(run: Run): Promise<void> {
  const { handOver } = z.object({ handOver: z.object({ number: z.int() }) }).parse(run.result)
  const place = { repo: deliveryRepo, number: handOver.number }
  const change = await whole.platform.ports.gitHost.changes.find(deliveryRepo, place.number)
  const request = { place, decision: 'approve' as const, head: change?.headCommit ?? '', comment: '' }
  await reviewChange(whole.platform, await whole.caller('platform'), request)
}

function stepThatFailed(run: Run): string | undefined {
  return run.steps.find(({ state }) => state === 'failed')?.name
}

function failed(id: string): Promise<Run> {
  return waitUntil(
    async () => {
      const run = await findRun(whole.platform.db, id)
      return run?.finishedAt ? run : undefined
    },
    { what: `run ${id} to end`, ms: 60_000 },
  )
}

/** Removes every referrer of a type from the store's index, as whoever may write there could. Gives what puts them back. */
async function takeAway(type: string): Promise<() => Promise<void>> {
  const file = join(whole.platform.objects, '../artifacts/repositories/team-a/shop/_layout/index.json')
  const before = await readFile(file, 'utf8')
  const index = JSON.parse(before) as { manifests: { artifactType?: string }[] }
  const manifests = index.manifests.filter(({ artifactType }) => artifactType !== type)
  await writeFile(file, JSON.stringify({ ...index, manifests }))
  return () => writeFile(file, before)
}
