import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { callService, type CliResult, fairway, git } from '../../testing/cli.ts'
import { preparePlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

const server = `import { createServer } from 'node:http'
const port = Number(process.env.PORT || 3000)
createServer((request, response) => response.end(request.url === '/healthz' ? 'ok' : 'old shop')).listen(port)
`
const manifest = '{ "name": "old-shop", "type": "module", "scripts": { "start": "node server.js" } }\n'

test('a repository without a word of Fairway becomes a service by one command and one merge', {
  timeout: 300_000,
}, async (t) => {
  const platform = await preparePlatform([join(import.meta.dirname, '../proofs/crash-grid/control-plane.ts')])
  t.after(() => platform.remove())
  await platform.start()
  const folder = await mkdtemp(join(tmpdir(), 'fairway-adopt-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const cli = (...argv: string[]) => fairway(platform, argv)
  const done = async (...argv: string[]): Promise<CliResult> => {
    const result = await cli(...argv)
    assert.equal(result.exit, 0, `${argv.join(' ')}: ${result.stderr}`)
    return result
  }
  await putThere(platform, folder)
  await done('login', '--as', 'dev')

  const dry = await done('adopt', 'team-a/old-shop', '--dry-run')
  assert.match(dry.stdout, /health +\/healthz/)
  assert.match(dry.stdout, /new: score\.yaml/)
  assert.equal((await cli('status', 'old-shop')).exit, 5)

  const run = await done('adopt', 'team-a/old-shop', '--wait')
  assert.match(run.stderr, /next: fairway change list/)
  assert.match((await done('change', 'list')).stdout, /team-a\/old-shop#1/)
  assert.equal((await cli('adopt', 'team-a/old-shop', '--json')).code, 'ALREADY_ON_PATH')
  assert.match((await done('catalog', 'show', 'component:default/old-shop')).stdout, /old-shop/)

  const merged = async () => (await cli('change', 'merge', 'team-a/old-shop#1')).exit === 0
  await waitUntil(merged, { what: 'the checks and the merge', ms: 120_000, everyMs: 1_000 })
  const answers = async () => (await callService(platform, { service: 'old-shop', environment: 'dev' })).body
  await waitUntil(async () => (await answers()) === 'old shop', { what: 'the service', ms: 150_000, everyMs: 500 })
})

/** As an operator brings a repository to the embedded Git host: a bare clone below the team. */
async function putThere(platform: { env: NodeJS.ProcessEnv; data: string }, folder: string): Promise<void> {
  const old = join(folder, 'old-shop')
  await mkdir(old)
  await writeFile(join(old, 'package.json'), manifest)
  await writeFile(join(old, 'server.js'), server)
  const who = ['-c', 'user.name=Dana', '-c', 'user.email=dev@example.com']
  for (const argv of [
    ['init', '--quiet', '--initial-branch', 'main'],
    ['add', '.'],
    [...who, 'commit', '--quiet', '-m', 'As it always was'],
    ['clone', '--quiet', '--bare', '.', join(folder, 'bare.git')],
  ]) {
    const result = await git(platform, old, ...argv)
    assert.equal(result.exit, 0, result.stderr)
  }
  await cp(join(folder, 'bare.git'), join(platform.data, 'git/team-a/old-shop.git'), { recursive: true })
}
