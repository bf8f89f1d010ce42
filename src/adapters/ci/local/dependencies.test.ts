import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pipelineFile, startLocalCi } from '../../../../testing/local-ci.ts'
import { operatorNpmrc, startNpmRegistry } from '../../../../testing/npm-registry.ts'

const token = 'registry-canary-token'
const dep = {
  'package.json': JSON.stringify({
    name: 'dep',
    version: '1.0.0',
    scripts: { postinstall: 'node ran.js', install: 'node ran.js' },
  }),
  'index.js': `module.exports = 'the real one'`,
  'ran.js': `require('fs').writeFileSync('RAN', '')`,
}
const use = {
  name: 'use',
  run: [
    'node',
    '-e',
    `console.log('dep is', require('dep')); require('fs').mkdirSync('dist'); require('fs').writeFileSync('dist/server.js', '')`,
  ],
}

test('dependencies are installed once from the lockfile, and the next build only reads them', async (t) => {
  const { place, registry, project } = await start(t)
  const commit = await place.commit({ ...project, '.fairway/pipeline.yaml': pipelineFile([use], 'package-lock.json') })

  const first = await place.build(commit, 'first')
  const asked = registry.requests.length
  const second = await place.build(commit, 'second')

  assert.equal(first.result.failure, undefined)
  assert.ok(first.lines.some(({ text }) => text === 'dep is the real one'))
  assert.ok(second.lines.some(({ text }) => text === 'dep is the real one'))
  assert.ok(asked > 0)
  assert.equal(registry.requests.length, asked)
})

test('two services of one golden path share an install: only their name differs', async (t) => {
  const { place, registry, project } = await start(t)
  const pipeline = pipelineFile([use], 'package-lock.json')
  const named = (name: string) => {
    const lock = JSON.parse(project['package-lock.json']) as { packages: Record<string, object> }
    const packages = { ...lock.packages, '': { ...lock.packages[''], name } }
    return {
      ...project,
      'package-lock.json': JSON.stringify({ ...lock, name, packages }),
      '.fairway/pipeline.yaml': pipeline,
    }
  }
  await place.build(await place.commit(named('shop')), 'first')
  const asked = registry.requests.length

  const { result } = await place.build(await place.commit(named('cart')), 'second')

  assert.equal(result.state, 'success')
  assert.equal(registry.requests.length, asked)
})

test('a changed script keeps the cache, a changed lockfile does not', async (t) => {
  const { place, registry, project } = await start(t)
  const pipeline = pipelineFile([use], 'package-lock.json')
  const files = { ...project, '.fairway/pipeline.yaml': pipeline }
  await place.build(await place.commit(files), 'first')
  const asked = registry.requests.length
  const lock = JSON.parse(files['package-lock.json']) as { requires?: boolean }
  const manifest = { ...JSON.parse(files['package.json']), scripts: { test: 'node --test' }, description: 'changed' }

  await place.build(await place.commit({ ...files, 'package.json': JSON.stringify(manifest) }), 'script')
  const afterScript = registry.requests.length
  const { result } = await place.build(
    await place.commit({ ...files, 'package-lock.json': JSON.stringify({ ...lock, requires: !lock.requires }) }),
    'lock',
  )

  assert.equal(afterScript, asked)
  assert.equal(result.state, 'success')
  assert.equal((await entries(place.workRoot.path)).length, 2)
})

test('no script of a package ever runs', async (t) => {
  const { place, project } = await start(t)
  const commit = await place.commit({ ...project, '.fairway/pipeline.yaml': pipelineFile([use], 'package-lock.json') })

  const { result } = await place.build(commit)

  assert.equal(result.state, 'success')
  const [entry = ''] = await entries(place.workRoot.path)
  assert.deepEqual((await readdir(join(entry, 'node_modules/dep'))).toSorted(), ['index.js', 'package.json', 'ran.js'])
})

for (const hidden of [false, true]) {
  test(`a build cannot poison what the next one gets (${hidden ? 'bwrap hidden' : 'what this machine has'})`, async (t) => {
    const { place, project } = await start(t, hidden)
    if (place.options.isolation.kind === 'none') return t.skip(place.options.isolation.reason)
    const poison = `const fs = require('fs'); const real = fs.realpathSync('node_modules')
      const attempts = [() => fs.writeFileSync(real + '/dep/index.js', 'poison'), () => fs.rmSync(real, { recursive: true }), () => fs.chmodSync(real + '/dep/index.js', 0o666),
        () => fs.renameSync(real, real + '-old'), () => fs.writeFileSync(real + '/new.js', ''), () => fs.writeFileSync(real + '/../../x', '')]
      for (const act of attempts) try { act() } catch (error) { console.log('refused', error.code) }
      fs.rmSync('node_modules'); fs.mkdirSync('node_modules/dep', { recursive: true }); fs.writeFileSync('node_modules/dep/index.js', 'module.exports = "poison"')
      fs.mkdirSync('dist'); fs.writeFileSync('dist/server.js', '')`
    const steps = [{ name: 'poison', run: ['node', '-e', poison] }]
    const hostile = await place.commit({
      ...project,
      '.fairway/pipeline.yaml': pipelineFile(steps, 'package-lock.json'),
    })
    const honest = await place.commit({
      ...project,
      '.fairway/pipeline.yaml': pipelineFile([use], 'package-lock.json'),
    })

    const attack = await place.build(hostile, 'hostile')
    const { lines } = await place.build(honest, 'honest')

    assert.equal(attack.result.failure, undefined)
    assert.ok(attack.lines.filter(({ text }) => text.startsWith('refused')).length >= 4)
    assert.ok(lines.some(({ text }) => text === 'dep is the real one'))
    const [entry = ''] = await entries(place.workRoot.path)
    assert.equal(await readFile(join(entry, 'node_modules/dep/index.js'), 'utf8'), dep['index.js'])
  })
}

test('the registry’s token reaches the registry and no step, and a repository cannot choose another registry', async (t) => {
  const { place, registry, project } = await start(t)
  const other = await startNpmRegistry(t, { files: dep, token })
  const spy = {
    name: 'spy',
    run: [
      'node',
      '-e',
      `const fs = require('fs'); const all = fs.readdirSync('.', { recursive: true }).filter((path) => !path.includes('dep')); console.log(JSON.stringify(process.env), JSON.stringify(all)); for (const path of all) try { console.log(path, fs.readFileSync(path, 'utf8')) } catch {}`,
    ],
  }
  const npmrc = `registry=${other.url}\n//evil/:_authToken=x\nscript-shell=/bin/sh\nignore-scripts=false\n`
  const commit = await place.commit({
    ...project,
    '.npmrc': npmrc,
    '.fairway/pipeline.yaml': pipelineFile([spy, use], 'package-lock.json'),
  })

  const { result, lines } = await place.build(commit)

  assert.equal(result.failure, undefined)
  assert.deepEqual(other.requests, [])
  assert.ok(registry.requests.every(({ authorization }) => authorization === `Bearer ${token}`))
  assert.doesNotMatch(lines.map(({ text }) => text).join('\n'), /canary/)
})

test('a lockfile that does not fit package.json fails the install in words', async (t) => {
  const { place, project } = await start(t)
  const manifest = { ...JSON.parse(project['package.json']), dependencies: { dep: '2.0.0' } }
  const files = { ...project, 'package.json': JSON.stringify(manifest) }
  const commit = await place.commit({ ...files, '.fairway/pipeline.yaml': pipelineFile([use], 'package-lock.json') })

  const { result } = await place.build(commit)

  assert.equal(result.failure?.step, 'install')
  assert.match(result.failure?.reason ?? '', /step `install` failed: exit 1: .*dep@2\.0\.0/)
  assert.deepEqual(await entries(place.workRoot.path), [])
})

test('node_modules in the repository is refused', async (t) => {
  const { place, project } = await start(t)
  const commit = await place.commit({
    ...project,
    'node_modules/dep/index.js': 'x',
    '.fairway/pipeline.yaml': pipelineFile([use], 'package-lock.json'),
  })

  const { result } = await place.build(commit)

  assert.match(result.failure?.reason ?? '', /the repository contains node_modules/)
})

async function start(t: TestContext, hidden = false) {
  const registry = await startNpmRegistry(t, { files: dep, token })
  await operatorNpmrc(t, { url: registry.url, token })
  const place = await startLocalCi(t, { hidden })
  return { place, registry, project: registry.project }
}

async function entries(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'dependencies')).catch(() => [])
  return names.map((name) => join(root, 'dependencies', name))
}
