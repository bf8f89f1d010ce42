import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fairway } from '../../../testing/cli.ts'

const server = 'http://localhost:7007'

test('open knows services, their pages and the pages of the portal, and the service of the folder', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-open-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(
    join(folder, 'catalog-info.yaml'),
    'kind: API\nmetadata: { name: shop-api }\n---\nkind: Component\nmetadata: { name: shop }\n',
  )
  const env = { PATH: process.env['PATH'], HOME: folder, FAIRWAY_SERVER: server }
  const open = async (...words: string[]) => fairway({ env }, ['open', ...words, '--print'], { cwd: folder })
  const address = async (...words: string[]) => (await open(...words)).stdout.trim()
  const shop = `${server}/catalog/component/default/shop`

  assert.equal(await address('till'), `${server}/catalog/component/default/till`)
  assert.equal(await address('till', 'logs'), `${server}/catalog/component/default/till/logs`)
  assert.equal(await address('changes'), `${server}/changes`)
  assert.equal(await address(), shop)
  assert.equal(await address('logs'), `${shop}/logs`)
  assert.equal((await open('till', 'repo')).code, 'NOT_SIGNED_IN') // only the platform knows where it is
  const refused = await open('till', 'nowhere')
  assert.equal(refused.exit, 2)
  assert.match(refused.stderr, /one of overview, deployments/)
})
