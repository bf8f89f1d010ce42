import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiAs, callService, fairway, git } from '../../../testing/cli.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

/** Pushes a commit from a fresh clone and waits for its release to be live in dev. Gives what is wrong. */
export async function pushEdition(
  platform: TestPlatform,
  { service, edition }: { service: string; edition: string },
): Promise<string[]> {
  const clone = join(platform.data, `../clone-${edition}`)
  const cloned = await fairway(platform, ['clone', service, clone, '--as', 'dev'])
  if (cloned.exit !== 0) return [`a clone from ${edition} fails: ${cloned.stderr}`]
  await writeFile(join(clone, 'EDITION.md'), `${edition}\n`)
  for (const argv of [
    ['add', '--all'],
    ['commit', '--quiet', '--message', `Edition ${edition}`],
    ['push', '--quiet', 'origin', 'HEAD:main'],
  ]) {
    const done = await git(platform, clone, ...argv)
    if (done.exit !== 0) return [`git ${argv[0]} to ${edition} ends with ${done.exit}: ${done.stderr}`]
  }
  const commit = (await git(platform, clone, 'rev-parse', 'HEAD')).stdout.trim()
  const api = await apiAs(platform, 'dev')
  const run = await waitUntil(
    async () => {
      const { data } = await api.GET('/api/v1/runs', { params: { query: { service, workflow: 'release' } } })
      const found = data?.items.find(({ input }) => input['commit'] === commit)
      return found && ['succeeded', 'failed'].includes(found.state) ? found : undefined
    },
    { what: `the release of ${commit}`, ms: 180_000, everyMs: 500 },
  )
  if (run.state !== 'succeeded') return [`the release on ${edition} is ${run.state}: ${JSON.stringify(run.error)}`]
  const answers = async () => (await callService(platform, { service, environment: 'dev' })).status === 200
  // A cluster's network leads to new pods a moment after they are ready.
  await waitUntil(answers, { what: `the service to answer on ${edition}`, ms: 30_000 })
  return []
}
