import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { Pipeline } from '#model/pipeline.ts'
import { parseCatalogInfo } from '#render/score/parse-catalog-info.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { fairway } from '../../../testing/cli.ts'
import { proposeFiles } from '#render/adopt/propose-files.ts'
import { repositoryReader } from './repository-reader.ts'

const server = `import { createServer } from 'node:http'
const port = Number(process.env.PORT || 3000)
createServer((request, response) => response.end(request.url === '/healthz' ? 'ok' : 'shop')).listen(port)
`
const plain = {
  'package.json': '{\n  "name": "@old/shop",\n  "type": "module",\n  "scripts": { "start": "node server.js" }\n}\n',
  'server.js': server,
  CODEOWNERS: '# who\n* @org/team-a\n',
}

test('a plain Node.js repository gets the three files, each fact with its file and line', async (t) => {
  const { proposal, text } = await propose(await folderOf(t, plain))
  assert.deepEqual(
    proposal.facts.map(({ fact, value, evidence }) => [fact, value, evidence]),
    [
      ['name', 'shop', 'package.json:2'],
      ['owner', 'team-a', 'CODEOWNERS:2'],
      ['entry', 'server.js', 'package.json:4'],
      ['port', '3000', 'server.js:2'],
      ['health', '/healthz', 'server.js:3'],
    ],
  )
  assert.equal(parseCatalogInfo(text('catalog-info.yaml'))[0]?.metadata.name, 'shop')
  parseScore(text('score.yaml'))
  assert.deepEqual(Pipeline.parse(parse(text('.fairway/pipeline.yaml'))).spec.output.entry, ['server.js'])
})

test('the proposed step hands over a folder in which the entry file starts, without anybody’s own secrets', async (t) => {
  const folder = await folderOf(t, {
    ...plain,
    'server.js': "import './part/a.js'\n",
    'part/a.js': "console.log('up')\n",
    '.env': 'PASSWORD=x',
    'part/.env.local': 'PASSWORD=x',
    'node_modules/.bin/tool': '',
  })
  const { text } = await propose(folder)
  const { steps, output } = Pipeline.parse(parse(text('.fairway/pipeline.yaml'))).spec
  for (const { run } of steps) assert.equal((await node(folder, run.slice(1))).exit, 0)
  const started = await node(join(folder, output.folder), output.entry)
  assert.deepEqual(started, { exit: 0, stdout: 'up\n' })
  for (const path of ['.env', 'part/.env.local', 'node_modules/.bin/tool'])
    assert.equal(existsSync(join(folder, output.folder, path)), false, path)
})

test('options decide over what the files say', async (t) => {
  const { proposal } = await propose(await folderOf(t, plain), {
    owner: 'team-b',
    port: '9000',
    health: '/up',
    name: 'till',
  })
  assert.deepEqual(
    proposal.facts.map(({ value }) => value),
    ['till', 'team-b', 'server.js', '9000', '/up'],
  )
})

test('what is there is kept, and a chart gets no score.yaml beside it', async (t) => {
  const folder = await folderOf(t, { ...plain, 'catalog-info.yaml': 'mine', 'helm/Chart.yaml': 'name: shop' })
  const { proposal } = await propose(folder)
  assert.deepEqual(proposal.kept, ['catalog-info.yaml'])
  assert.deepEqual(
    proposal.files.map(({ path }) => path),
    ['.fairway/pipeline.yaml'],
  )
})

test('no file outside the folder, behind a link or too large is read, and no such entry is proposed', async (t) => {
  const outside = await folderOf(t, { 'server.js': server, 'catalog-info.yaml': 'secret' })
  const folder = await folderOf(t, { 'large.js': ' '.repeat(300_000) })
  await symlink(outside, join(folder, 'linked'))
  await symlink(join(outside, 'server.js'), join(folder, 'server.js'))
  const reader = await repositoryReader(folder)
  for (const entry of ['linked/server.js', 'server.js', '../x.js', '/etc/passwd', 'large.js', 'a\nb.js', ''])
    assert.equal(await reader.text(entry), undefined, entry)
  for (const entry of ['linked/server.js', 'server.js', '../x.js', '/etc/passwd', '-e', 'a\nb.js'])
    await assert.rejects(propose(folder, { entry, owner: 'team-a' }), { code: 'USAGE' }, entry)
})

test('hostile names and numbers in package.json and Dockerfile are refused or stay text', async (t) => {
  for (const name of ['a: b', '../x', 'x'.repeat(99), '\u001b[2J', '&a'])
    await assert.rejects(
      propose(await folderOf(t, { ...plain, 'package.json': JSON.stringify({ name, main: 'server.js' }) })),
      { code: 'USAGE' },
    )
  const odd = { name: 'shop', main: 'server.js', scripts: null }
  await propose(await folderOf(t, { ...plain, 'package.json': JSON.stringify(odd) }))
  const bad = await folderOf(t, { 'index.js': '', CODEOWNERS: '* @a/b', Dockerfile: 'EXPOSE 99999\n' })
  await assert.rejects(propose(bad, { name: 'shop' }), { code: 'USAGE', message: /99999 is no port/ })
  await assert.rejects(propose(await folderOf(t, { ...plain, 'package.json': '{' })), { code: 'USAGE' })
})

test('the command writes only with --write, never over a file nor through a link, and says what was not judged', async (t) => {
  const home = await folderOf(t, {})
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home, FAIRWAY_SERVER: 'http://127.0.0.1:1' }
  const folder = await folderOf(t, { ...plain, 'score.yaml': 'mine' })
  const shown = await fairway({ env }, ['adopt', folder])
  assert.equal(shown.exit, 0, shown.stderr)
  assert.match(shown.stdout, /nothing was written/)
  assert.match(shown.stderr, /not judged by the rules/)
  await assert.rejects(readFile(join(folder, 'catalog-info.yaml')))
  const written = await fairway({ env }, ['adopt', folder, '--write', '--json=kept,written'])
  assert.deepEqual(written.json(), { kept: ['score.yaml'], written: true })
  assert.equal(await readFile(join(folder, 'score.yaml'), 'utf8'), 'mine')
  assert.match(await readFile(join(folder, 'catalog-info.yaml'), 'utf8'), /name: shop/)
  assert.match((await fairway({ env }, ['adopt', folder, '--write'])).stdout, /nothing is missing/)
  const linking = await folderOf(t, plain)
  await symlink(home, join(linking, '.fairway'))
  assert.equal((await fairway({ env }, ['adopt', linking, '--write'])).exit, 2)
  await assert.rejects(readFile(join(home, 'pipeline.yaml')))
})

async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-adopt-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

async function propose(folder: string, given = {}) {
  const proposal = await proposeFiles(await repositoryReader(folder), folder, given)
  return { proposal, text: (path: string) => proposal.files.find((file) => file.path === path)?.content ?? '' }
}

function node(cwd: string, argv: readonly string[]): Promise<{ exit: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    let stdout = ''
    const child = spawn(process.execPath, argv, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, stdout }))
  })
}
