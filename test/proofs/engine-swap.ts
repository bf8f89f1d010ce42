import { isDeepStrictEqual } from 'node:util'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allLocal } from '#model/adapters.ts'
import { stringify } from 'yaml'
import { apiAs, fairway } from '../../testing/cli.ts'
import { clearGitea, labConfig } from '../../testing/lab-config.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { pushEdition } from './engine-swap/push-edition.ts'
import { readFacts } from './engine-swap/read-facts.ts'

export const needsLab = 'gitea'
/** Times there and back: minutes, most of them builds. */
export const small = 1

/**
 * The embedded Git host replaced by Gitea and back, below one platform and one service. Holds when services, releases,
 * deployments and catalog are the same after each move, and when a push is released and live on either host.
 */
export async function prove({ size }: { size: number }): Promise<{ holds: boolean; figures: Record<string, unknown> }> {
  const lab = await labConfig(['gitea'])
  const embedded = stringify({ apiVersion: 'fairway.dev/v1', kind: 'Platform', spec: { adapters: allLocal } })
  const platform = await preparePlatform(undefined, { text: embedded, env: lab.env })
  const files = { local: platform.env['FAIRWAY_CONFIG'] ?? '', gitea: join(platform.data, '../gitea.yaml') }
  await writeFile(files.gitea, lab.text)
  const faults: string[] = []
  const figures: Record<string, unknown> = {}
  try {
    await clearGitea()
    await platform.start()
    for (const name of ['platform', 'dev']) await must(platform, 'login', '--as', name)
    await must(platform, 'new', '--template', 'http-api', '--name', 'swap', '--owner', 'team-a', '--wait')
    for (const [move, to] of Array.from({ length: size }, () => ['gitea', 'local'] as const)
      .flat()
      .entries()) {
      const before = await readFacts(await apiAs(platform, 'dev'))
      await must(platform, 'down')
      const began = performance.now()
      const moved = await must(platform, 'move', 'git-host', '--to', files[to], '--json')
      figures[`repositories to ${to}`] = moved.json<{ repositories: unknown[] }>().repositories.length
      platform.env['FAIRWAY_CONFIG'] = files[to]
      await platform.start()
      await must(platform, 'rebuild', '--as', 'platform')
      figures[`seconds to ${to}`] = Number(((performance.now() - began) / 1000).toFixed(1))
      const after = await readFacts(await apiAs(platform, 'dev'))
      for (const [what, value] of Object.entries(before))
        if (!isDeepStrictEqual(value, after[what as keyof typeof after]))
          faults.push(
            `${what} differ after the move to ${to}: ${JSON.stringify([value, after[what as keyof typeof after]])}`,
          )
      faults.push(...(await pushEdition(platform, { service: 'swap', edition: `${to}-${move}` })))
    }
    return { holds: faults.length === 0, figures: { ...figures, faults } }
  } catch (error) {
    console.error(await platform.words())
    throw error
  } finally {
    await platform.remove()
    await clearGitea()
  }
}

async function must(platform: TestPlatform, ...argv: string[]) {
  const done = await fairway(platform, argv)
  if (done.exit !== 0)
    throw new Error(`fairway ${argv.join(' ')} ended with ${done.exit}: ${done.stderr}${done.stdout}`)
  return done
}
