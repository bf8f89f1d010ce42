import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { fairway, git } from '../../../testing/cli.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

/** A second release, as a team makes it: a commit on main. Resolves once it is live in dev. */
export async function pushRelease(platform: TestPlatform, context: BrowserContext): Promise<void> {
  const clone = join(platform.data, '..', 'shop')
  assert.equal((await fairway(platform, ['login', '--as', 'dev'])).exit, 0)
  assert.equal((await fairway(platform, ['clone', 'shop', clone])).exit, 0)
  await appendFile(join(clone, 'README.md'), 'One more line.\n')
  const author = ['-c', 'user.name=Dana Brandt', '-c', 'user.email=dev@example.com']
  assert.equal(
    (await git(platform, clone, ...author, 'commit', '--quiet', '--all', '--message', 'Say one more thing')).exit,
    0,
  )
  const pushed = await git(platform, clone, 'push', '--quiet', 'origin', 'HEAD:main')
  assert.equal(pushed.exit, 0, pushed.stderr)
  await waitUntil(
    async () => {
      const answer = await context.request.get(`${platform.url}/api/v1/services/shop/deployments?environment=dev`)
      const { items } = (await answer.json()) as { items: { outcome: string }[] }
      return items.length === 2 && items[0]?.outcome === 'healthy'
    },
    { what: 'the second release to be live', ms: 180_000, everyMs: 300 },
  )
}
