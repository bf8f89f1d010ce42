import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { json } from 'node:stream/consumers'
import { stringify } from 'yaml'
import { detectIsolation } from '#lib/isolation.ts'
import { isGroupAlive, startGroup } from '#lib/process-group.ts'
import { unpackLayer } from '#lib/oci/unpack-layer.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import type { PipelineLine } from '#ports/ci.ts'
import { startGitServer } from '../../../../testing/git-server.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'
import { localArtifacts } from '../../artifacts/local/local.ts'
import { localCi, type LocalCiOptions } from './local.ts'

const repo = { owner: 'team-a', name: 'shop' }
const baseCache = await mkdtemp(join(tmpdir(), 'fairway-base-'))
after(() => rm(baseCache, { recursive: true, force: true }))
const isRoot = process.getuid?.() === 0
const build = { name: 'build', run: ['node', 'build.js'] }
const files = {
  'build.js': `const fs = require('fs'); fs.mkdirSync('dist'); fs.copyFileSync('server.js', 'dist/server.js'); console.log('built')`,
  'server.js': 'console.log("hello")\n',
}

test('a commit becomes a folder by digest, and repeating the same key runs nothing again', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipeline([build]) })

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
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipeline([failing, build]) })

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
    '.fairway/pipeline.yaml': pipeline([{ name: 'fail', run: ['node', '-e', 'process.exit(1)'] }]),
  })

  await place.build(commit)
  const again = await place.build(commit)

  assert.ok(again.lines.some(({ step }) => step === 'fail'))
})

for (const hidden of [false, true]) {
  const where = hidden ? 'bwrap hidden' : 'what this machine has'
  test(`a hostile step sees no variable, no file and no credential of the platform (${where})`, {
    skip: !isRoot,
  }, async (t) => {
    const place = await startCi(t, { hidden })
    const spy = `
      const fs = require('fs'), path = require('path'); const found = []
      const look = (name, act) => { try { found.push([name, act()]) } catch (error) { found.push([name, error.code]) } }
      look('env', () => JSON.stringify(process.env))
      look('login-key', () => fs.readFileSync('${place.data}/login-key', 'utf8'))
      for (const name of ['mirrors', 'outputs', 'results']) look(name, () => 'LISTED ' + fs.readdirSync('${place.workRoot.path}/' + name))
      look('git', () => 'GIT ' + fs.readdirSync('.git'))
      const seen = fs.readdirSync('/proc').filter((pid) => +pid)
      for (const pid of seen) look('environ', () => fs.readFileSync('/proc/' + pid + '/environ', 'utf8'))
      for (const pid of seen) look('cmdline', () => fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8'))
      console.log(JSON.stringify(found))`
    const commit = await place.commit({
      '.fairway/pipeline.yaml': pipeline([{ name: 'spy', run: ['node', '-e', spy] }]),
    })
    process.env['DATABASE_URL'] = 'postgres://fairway:env-canary@localhost/fairway'
    t.after(() => delete process.env['DATABASE_URL'])

    const { lines } = await place.build(commit)

    const said = lines.map(({ text }) => text).join('\n')
    assert.match(said, /"env"/)
    assert.doesNotMatch(said, /canary|LISTED|GIT|DATABASE_URL|FAIRWAY_/)
  })

  test(`what a step leaves running, also outside its group, is gone with the step (${where})`, {
    skip: !isRoot,
  }, async (t) => {
    const place = await startCi(t, { hidden })
    const mark = `survivor-${process.pid}-${hidden}`
    const leave = `const { spawn } = require('child_process')
      spawn('/usr/bin/setsid', ['node', '-e', 'setInterval(() => {}, 1e6) /* ${mark} */'], { detached: true, stdio: 'ignore' }).unref()
      setTimeout(() => console.log('left'), 300)`
    const commit = await place.commit({
      '.fairway/pipeline.yaml': pipeline([{ name: 'leave', run: ['node', '-e', leave] }]),
    })

    const { lines } = await place.build(commit)

    assert.ok(lines.some(({ text }) => text === 'left'))
    assert.deepEqual(await commandLinesWith(mark), [])
  })

  test(`a step cannot change what the platform or another build reads (${where})`, { skip: !isRoot }, async (t) => {
    const place = await startCi(t, { hidden })
    const shared = await place.workRoot.sharedFolder('dependencies')
    await mkdir(join(shared, 'key'))
    const poison = `const fs = require('fs'); fs.mkdirSync('dist'); fs.writeFileSync('dist/server.js', ''); for (const path of ['${shared}/key/x', '${shared}/x', '${place.workRoot.path}/x', '${place.workRoot.path}/tools/x']) {
      try { fs.writeFileSync(path, 'x'); console.log('WROTE', path) } catch (error) { console.log(error.code) } }`
    const commit = await place.commit({
      '.fairway/pipeline.yaml': pipeline([{ name: 'poison', run: ['node', '-e', poison] }]),
    })

    const { result } = await place.build(commit)

    assert.equal(result.steps[1]?.state, 'success')
    assert.deepEqual(await readdir(join(shared, 'key')), [])
    assert.deepEqual(await readdir(shared), ['key'])
    for (const path of [place.workRoot.path, join(place.workRoot.path, 'tools')]) {
      assert.ok(!(await readdir(path)).includes('x'), `${path} has a file of the step`)
    }
  })
}

test('a step that takes too long is ended and the reason says so', async (t) => {
  const place = await startCi(t, { stepTimeoutMs: 700 })
  const commit = await place.commit({
    '.fairway/pipeline.yaml': pipeline([{ name: 'hang', run: ['node', '-e', 'setInterval(() => {}, 1e6)'] }]),
  })

  const { result } = await place.build(commit)

  assert.equal(result.failure?.reason, 'step `hang` failed: it took longer than 0.7 s and was ended')
})

test('a cancelled build ends its step and leaves nothing', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({
    '.fairway/pipeline.yaml': pipeline([
      { name: 'hang', run: ['node', '-e', 'console.log("up"); setInterval(() => {}, 1e6)'] },
    ]),
  })
  const cancel = new AbortController()

  const building = place.ci.build(
    { key: 'k', repo, commit, service: 'shop' },
    ({ text }) => text === 'up' && cancel.abort(new Error('enough')),
    cancel.signal,
  )

  await assert.rejects(building, /enough/)
  assert.deepEqual(await readdir(join(place.workRoot.path, 'runs')), [])
})

const escapes: Record<string, { script: string; reason: RegExp }> = {
  'a link to a file outside': {
    script: `require('fs').symlinkSync('/etc/hostname', 'dist/server.js')`,
    reason: /symbolic link/,
  },
  'a folder that is a link': {
    script: `const fs = require('fs'); fs.rmdirSync('dist'); fs.symlinkSync('/etc', 'dist')`,
    reason: /no folder `dist`/,
  },
  'a hard link': {
    script: `const fs = require('fs'); fs.writeFileSync('dist/server.js', ''); fs.linkSync('dist/server.js', 'other')`,
    reason: /hard link/,
  },
  'a named pipe': {
    script: `require('child_process').execFileSync('mkfifo', ['dist/pipe'])`,
    reason: /not a regular file/,
  },
  nothing: { script: '', reason: /has no file/ },
  'no entry': { script: `require('fs').writeFileSync('dist/other.js', '')`, reason: /`dist` has no file `server.js`/ },
}

for (const [what, { script, reason }] of Object.entries(escapes)) {
  test(`handing over ${what} is refused in words`, async (t) => {
    const place = await startCi(t)
    const step = { name: 'make', run: ['node', '-e', `require('fs').mkdirSync('dist');${script}`] }
    const commit = await place.commit({ '.fairway/pipeline.yaml': pipeline([step]) })

    const { result } = await place.build(commit)

    assert.equal(result.failure?.step, 'output')
    assert.match(result.failure?.reason ?? '', reason)
  })
}

const invalid: Record<string, { text: string | undefined; field: RegExp }> = {
  'no pipeline file': { text: undefined, field: /has no .fairway\/pipeline.yaml/ },
  'text that is not YAML': { text: 'a: [', field: /is not YAML/ },
  'an unknown field': { text: pipeline([build]).replace('steps:', 'shell: x\n  steps:'), field: /spec: .*shell/ },
  'an output outside the repository': {
    text: pipeline([build]).replace('folder: dist', 'folder: ../dist'),
    field: /spec\/output\/folder/,
  },
  'a lockfile that is not there': {
    text: pipeline([build], 'package-lock.json'),
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
  const tree = { ...files, '.fairway/pipeline.yaml': pipeline([build]) }
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
  const folder = join(await tempFolder(t), 'unpacked')
  await unpackLayer(await one.artifacts.readBlob('team-a/shop', layers.at(-1).digest), folder, layers.at(-1))
  assert.deepEqual(await readdir(join(folder, 'app')), ['server.js'])
})

test('a folder that was changed after the build is never published', async (t) => {
  const place = await startCi(t)
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipeline([build]) })
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

test('what a killed control plane left running is ended by the next one', async (t) => {
  const place = await startCi(t)
  const run = join(place.workRoot.path, 'runs/left')
  await mkdir(run, { recursive: true })
  const { ref } = await startGroup(
    { argv: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'], cwd: '/', env: {} },
    'ignore',
  )
  await writeFile(
    join(run, 'run.json'),
    JSON.stringify({ owner: { pid: process.pid, started: 'earlier' }, refs: [ref] }),
  )

  localCi(place.options)

  await waitUntil(() => !isGroupAlive(ref), { what: 'the end of the left child' })
  await waitUntil(async () => (await readdir(join(place.workRoot.path, 'runs'))).length === 0, {
    what: 'the folder to go',
  })
})

async function startCi(t: TestContext, { hidden = false, ...more }: { hidden?: boolean; stepTimeoutMs?: number } = {}) {
  const folder = await tempFolder(t)
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o710 })
  await writeFile(join(data, 'login-key'), 'login-canary', { mode: 0o644 })
  const isolation = await detectIsolation(hidden ? { path: '/nonexistent' } : {})
  const workRoot = await openWorkRoot(data, isolation, join(folder, 'state'))
  const artifacts = localArtifacts({ folder: join(data, 'artifacts') })
  const server = await startGitServer(t)
  const options: LocalCiOptions = {
    workRoot,
    isolation,
    artifacts,
    gitRemote: async () => server.remote,
    baseCache,
    ...more,
  }
  const ci = localCi(options)
  return {
    ci,
    data,
    options,
    artifacts,
    workRoot,
    commit: server.commit,
    async build(commit: string) {
      const lines: PipelineLine[] = []
      const result = await ci.build(
        { key: 'run:build', repo, commit, service: 'shop' },
        (line) => lines.push(line),
        new AbortController().signal,
      )
      return { result, lines }
    },
  }
}

function pipeline(steps: readonly { name: string; run: readonly string[] }[], lockfile?: string): string {
  const spec = {
    node: '24',
    ...(lockfile ? { install: { lockfile } } : {}),
    steps,
    output: { folder: 'dist', entry: ['server.js'] },
  }
  return stringify({ apiVersion: 'fairway.dev/v1', kind: 'Pipeline', spec })
}

async function commandLinesWith(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => Number(name) > 0)
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return all.filter((line) => line.includes(mark))
}

async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-ci-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o711)
  return folder
}
