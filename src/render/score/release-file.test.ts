import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReleaseFile, releaseFile } from './release-file.ts'

const request = {
  release: {
    service: 'shop',
    owner: 'team-a',
    version: '1.0.0',
    commit: '0e'.repeat(20),
    image: 'fairway.local/team-a/shop',
    digest: `sha256:${'b'.repeat(64)}`,
    configDigest: `sha256:${'c'.repeat(64)}`,
  },
  environment: 'staging',
  renderer: '2',
  bundleDigest: 'sha256:bundle',
  run: 'run-1',
  requestedBy: 'dev',
}

test('release.yaml reads back as it was written, with the renderer and without what is not known', () => {
  const { path, content } = releaseFile(request)

  const { release, ...how } = request
  assert.equal(path, 'release.yaml')
  assert.deepEqual(parseReleaseFile(content), {
    apiVersion: 'fairway.dev/v1',
    kind: 'Release',
    ...release,
    ...how,
    renderer: '2',
  })
  assert.equal(parseReleaseFile(releaseFile({ ...request, promotedFrom: 'dev' }).content).promotedFrom, 'dev')
})

test('a damaged release.yaml is refused with the line', () => {
  const damaged = releaseFile(request).content.replace(/commit: .*/, 'commit: main')

  assert.throws(() => parseReleaseFile(damaged), { code: 'SETTINGS_INVALID', message: /release\.yaml line 7, commit/ })
})
