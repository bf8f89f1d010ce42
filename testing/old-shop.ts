import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './cli.ts'
import type { TestPlatform } from './start-platform.ts'

const server = `import { createServer } from 'node:http'
const port = Number(process.env.PORT || 3000)
createServer((request, response) => response.end(request.url === '/healthz' ? 'ok' : 'old shop')).listen(port)
`
const manifest = '{ "name": "old-shop", "type": "module", "scripts": { "start": "node server.js" } }\n'

/** `team-a/old-shop`, which has no word of Fairway, as an operator brings it to the embedded Git host: a bare clone below the team. */
export async function putOldShop(platform: Pick<TestPlatform, 'env' | 'data'>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-old-shop-'))
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
  await rm(folder, { recursive: true })
}
