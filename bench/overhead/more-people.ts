import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataOf } from '../../src/client/client.ts'
import { apiAs, fairway, git } from '../../testing/cli.ts'
import type { TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

/** Adds people as a company would: a reviewed change to the platform repository. Gives everybody's names. */
export async function morePeople(platform: TestPlatform, count: number): Promise<readonly string[]> {
  const added = Array.from({ length: count }, (_, at) => `reader-${at + 1}`)
  await mergeUsers(platform, added)
  const api = await apiAs(platform, 'dev')
  const names = await waitUntil(
    async () => {
      const { people } = await dataOf(api.GET('/api/v1/people'))
      const known = people.map(({ name }) => name)
      return added.every((name) => known.includes(name)) ? known : undefined
    },
    { what: 'the new people to be known', ms: 60_000 },
  )
  return names
}

async function mergeUsers(platform: TestPlatform, names: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-bench-platform-'))
  const must = async (work: Promise<{ exit: number; stderr: string; stdout: string }>) => {
    const { exit, stderr, stdout } = await work
    if (exit !== 0) throw new Error(`ended with ${exit}: ${stderr}`)
    return stdout
  }
  const cli = (...argv: string[]) => must(fairway(platform, argv))
  try {
    for (const name of ['platform2', 'platform']) await cli('login', '--as', name)
    const clone = join(folder, 'platform')
    await cli('clone', 'fairway/platform', clone)
    await appendFile(join(clone, 'org/users.yaml'), names.map(userText).join(''))
    const inClone = (...argv: string[]) => must(git(platform, clone, ...argv))
    await inClone('checkout', '--quiet', '-b', 'people')
    await inClone('commit', '--quiet', '--all', '--message', 'Add readers')
    await inClone('push', '--quiet', 'origin', 'people')
    const about = ['--repo', 'fairway/platform', '--branch', 'people', '--title', 'Add readers', '--json']
    const change = JSON.parse(await cli('change', 'open', ...about)) as { id: string }
    await cli('change', 'approve', change.id, '--as', 'platform2')
    await waitUntil(
      () =>
        cli('change', 'merge', change.id).then(
          () => true,
          () => false,
        ),
      {
        what: 'the checks of the change to be green',
        ms: 60_000,
        everyMs: 500,
      },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function userText(name: string): string {
  return `---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: ${name}
spec:
  profile:
    displayName: Reader
  memberOf: []
`
}
