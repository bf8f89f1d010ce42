import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isGroupAlive, startGroup } from '#lib/process-group.ts'
import { pipelineFile, startLocalCi } from '../../../../testing/local-ci.ts'
import { localCi } from './local.ts'

for (const hidden of [false, true]) {
  const where = hidden ? 'bwrap hidden' : 'what this machine has'
  test(`a hostile step sees no variable, no file and no credential of the platform (${where})`, async (t) => {
    const place = await startLocalCi(t, { hidden })
    if (place.options.isolation.kind === 'none') return t.skip(place.options.isolation.reason)
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
      '.fairway/pipeline.yaml': pipelineFile([{ name: 'spy', run: ['node', '-e', spy] }]),
    })
    process.env['DATABASE_URL'] = 'postgres://fairway:env-canary@localhost/fairway'
    t.after(() => delete process.env['DATABASE_URL'])

    const { lines } = await place.build(commit)

    const said = lines.map(({ text }) => text).join('\n')
    assert.match(said, /"env"/)
    assert.doesNotMatch(said, /canary|LISTED|GIT|DATABASE_URL|FAIRWAY_/)
  })

  test(`what a step leaves running, also outside its group, is gone with the step (${where})`, async (t) => {
    const place = await startLocalCi(t, { hidden })
    if (place.options.isolation.kind === 'none') return t.skip(place.options.isolation.reason)
    const mark = `survivor-${process.pid}-${hidden}`
    const leave = `const { spawn } = require('child_process')
      spawn('/usr/bin/setsid', ['node', '-e', 'setInterval(() => {}, 1e6) /* ${mark} */'], { detached: true, stdio: 'ignore' }).unref()
      setTimeout(() => console.log('left'), 300)`
    const commit = await place.commit({
      '.fairway/pipeline.yaml': pipelineFile([{ name: 'leave', run: ['node', '-e', leave] }]),
    })

    const { lines } = await place.build(commit)

    assert.deepEqual(
      lines.map(({ text }) => text).filter((text) => text === 'left'),
      ['left'],
      JSON.stringify(lines),
    )
    assert.deepEqual(await commandLinesWith(mark), [])
  })

  test(`a step cannot change what the platform or another build reads (${where})`, async (t) => {
    const place = await startLocalCi(t, { hidden })
    if (place.options.isolation.kind === 'none') return t.skip(place.options.isolation.reason)
    const shared = await place.workRoot.sharedFolder('dependencies')
    await mkdir(join(shared, 'key'))
    const poison = `const fs = require('fs'); fs.mkdirSync('dist'); fs.writeFileSync('dist/server.js', ''); for (const path of ['${shared}/key/x', '${shared}/x', '${place.workRoot.path}/x', '${place.workRoot.path}/tools/x']) {
      try { fs.writeFileSync(path, 'x'); console.log('WROTE', path) } catch (error) { console.log(error.code) } }`
    const commit = await place.commit({
      '.fairway/pipeline.yaml': pipelineFile([{ name: 'poison', run: ['node', '-e', poison] }]),
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
    const place = await startLocalCi(t)
    const step = { name: 'make', run: ['node', '-e', `require('fs').mkdirSync('dist');${script}`] }
    const commit = await place.commit({ '.fairway/pipeline.yaml': pipelineFile([step]) })

    const { result } = await place.build(commit)

    assert.equal(result.failure?.step, 'output')
    assert.match(result.failure?.reason ?? '', reason)
  })
}

test('what a killed control plane left running is ended by the next one', async (t) => {
  const place = await startLocalCi(t)
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

  await localCi(place.options).ready()

  assert.equal(isGroupAlive(ref), false)
  assert.deepEqual(await readdir(join(place.workRoot.path, 'runs')), [])
})

async function commandLinesWith(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => Number(name) > 0)
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return all.filter((line) => line.includes(mark))
}
