import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { json } from 'node:stream/consumers'
import { unpackLayer } from '#lib/oci/unpack-layer.ts'
import { type CiSettings, ciRepo, pipelineFile, startLocalCi } from '../../../../testing/local-ci.ts'

const baseCache = await mkdtemp(join(tmpdir(), 'fairway-base-'))
after(() => rm(baseCache, { recursive: true, force: true }))
const build = { name: 'build', run: ['node', 'build.js'] }
const files = {
  'build.js': `const fs = require('fs'); fs.mkdirSync('dist'); fs.copyFileSync('server.js', 'dist/server.js'); console.log('built')`,
  'server.js': 'console.log("hello")\n',
}

test('a commit becomes a folder by digest, and repeating the same key runs nothing again', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipelineFile([build]) })

  const first = await place.build(commit)
  const again = await place.build(commit)

  assert.deepEqual(first.result.failure, undefined)
  assert.equal(first.result.state, 'success')
  assert.deepEqual(
    first.result.steps.map(({ name, state }) => `${name} ${state}`),
    ['checkout success', 'build success', 'output success'],
  )
  assert.deepEqual(first.result.output?.entry, ['server.js'])
  assert.ok(first.lines.some(({ step, text }) => step === 'build' && text === 'built'))
  assert.deepEqual(again.result, first.result)
  assert.deepEqual(again.lines, [])
  assert.deepEqual(await readdir(join(place.workRoot.path, 'runs')), [], 'no build leaves its folder')
})

test('the first failing step ends the pipeline and says why in words', async (t) => {
  const place = await startCi(t)
  const failing = {
    name: 'test',
    run: ['node', '-e', 'console.log("noise"); console.error("AssertionError: 1 is not 2"); process.exit(3)'],
  }
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipelineFile([failing, build]) })

  const { result } = await place.build(commit)

  assert.equal(result.state, 'failure')
  assert.deepEqual(result.failure, {
    step: 'test',
    reason: 'step `test` failed: exit 3: AssertionError: 1 is not 2',
    tail: result.failure?.tail,
  })
  assert.deepEqual(result.failure?.tail.toSorted(), ['AssertionError: 1 is not 2', 'noise'])
  assert.deepEqual(
    result.steps.map(({ name, state }) => `${name} ${state}`),
    ['checkout success', 'test failure', 'build skipped', 'output skipped'],
  )
})

test('a failed build runs again when it is asked for again, so that a retry can succeed', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({
    '.fairway/pipeline.yaml': pipelineFile([{ name: 'fail', run: ['node', '-e', 'process.exit(1)'] }]),
  })

  await place.build(commit)
  const again = await place.build(commit)

  assert.ok(again.lines.some(({ step }) => step === 'fail'))
})

test('a step that takes too long is ended and the reason says so', async (t) => {
  const place = await startCi(t, { stepTimeoutMs: 700 })
  const commit = await place.commit({
    '.fairway/pipeline.yaml': pipelineFile([{ name: 'hang', run: ['node', '-e', 'setInterval(() => {}, 1e6)'] }]),
  })

  const { result } = await place.build(commit)

  assert.equal(result.failure?.reason, 'step `hang` failed: it took longer than 0.7 s and was ended')
})

test('a cancelled build ends its step and leaves nothing', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({
    '.fairway/pipeline.yaml': pipelineFile([
      { name: 'hang', run: ['node', '-e', 'console.log("up"); setInterval(() => {}, 1e6)'] },
    ]),
  })
  const cancel = new AbortController()

  const building = place.ci.build(
    { key: 'k', repo: ciRepo, commit, service: 'shop' },
    ({ text }) => text === 'up' && cancel.abort(new Error('enough')),
    cancel.signal,
  )

  await assert.rejects(building, /enough/)
  assert.deepEqual(await readdir(join(place.workRoot.path, 'runs')), [])
})

const invalid: Record<string, { text: string | undefined; field: RegExp }> = {
  'no pipeline file': { text: undefined, field: /has no .fairway\/pipeline.yaml/ },
  'text that is not YAML': { text: 'a: [', field: /is not YAML/ },
  'an unknown field': { text: pipelineFile([build]).replace('steps:', 'shell: x\n  steps:'), field: /spec: .*shell/ },
  'an output outside the repository': {
    text: pipelineFile([build]).replace('folder: dist', 'folder: ../dist'),
    field: /spec\/output\/folder/,
  },
  'a lockfile that is not there': {
    text: pipelineFile([build], 'package-lock.json'),
    field: /spec\/install\/lockfile: package-lock.json/,
  },
}

for (const [what, { text, field }] of Object.entries(invalid)) {
  test(`${what} is PIPELINE_INVALID and names what is wrong`, async (t) => {
    const place = await startCi(t)
    const commit = await place.commit(text === undefined ? files : { ...files, '.fairway/pipeline.yaml': text })

    await assert.rejects(place.build(commit), { code: 'PIPELINE_INVALID', message: field })
  })
}

test('the same folder, version and commit give the same image, with labels and the application in /app', async (t) => {
  const [one, other] = [await startCi(t), await startCi(t)]
  const tree = { ...files, '.fairway/pipeline.yaml': pipelineFile([build]) }
  const [commit] = await Promise.all([one.commit(tree), other.commit(tree)])
  const results = [await one.build(commit), await other.build(commit)]
  const request = {
    key: 'run:publish',
    service: 'shop',
    owner: 'team-a',
    version: '1.2.3+4',
    commit,
    committedAt: '2026-01-02T03:04:05Z',
  }

  const images = await Promise.all(
    [one, other].map(({ ci }, at) =>
      ci.publish({ ...request, output: results[at]?.result.output ?? assert.fail() }, new AbortController().signal),
    ),
  )

  assert.deepEqual(images[0], images[1])
  assert.equal(images[0]?.image, 'fairway.local/team-a/shop')
  const manifest = await one.artifacts.readManifest('team-a/shop', '1.2.3_4')
  const { config, layers, annotations } = JSON.parse(String(Buffer.from(manifest?.bytes ?? [])))
  assert.equal(manifest?.digest, images[0]?.digest)
  assert.equal(annotations['org.opencontainers.image.revision'], commit)
  assert.equal(annotations['org.opencontainers.image.created'], '2026-01-02T03:04:05Z')
  assert.equal(annotations['dev.fairway.base'], `node-${process.versions.node}`)
  const image = (await json(await one.artifacts.readBlob('team-a/shop', config.digest))) as {
    config: { Cmd: string[]; User: string }
  }
  assert.deepEqual([image.config.Cmd, image.config.User], [['server.js'], '10001'])
  const folder = join(one.folder, 'unpacked')
  await unpackLayer(await one.artifacts.readBlob('team-a/shop', layers.at(-1).digest), folder, layers.at(-1))
  assert.deepEqual(await readdir(join(folder, 'app')), ['server.js'])
})

test('a folder that was changed after the build is never published', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipelineFile([build]) })
  const { result } = await place.build(commit)
  const output = result.output ?? assert.fail()
  await writeFile(join(place.workRoot.path, 'outputs', output.digest.slice(7), 'server.js'), 'changed')

  const publishing = place.ci.publish(
    {
      key: 'p',
      service: 'shop',
      owner: 'team-a',
      version: '1.0.0',
      commit,
      committedAt: '2026-01-02T03:04:05Z',
      output,
    },
    new AbortController().signal,
  )

  await assert.rejects(publishing, { code: 'ARTIFACT_CORRUPT' })
})

function startCi(t: TestContext, settings: CiSettings = {}) {
  return startLocalCi(t, { baseCache, ...settings })
}
