import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { allLocal } from '#model/adapters.ts'
import { apiAs } from '../../../testing/cli.ts'
import { clearGitea, labConfig } from '../../../testing/lab-config.ts'
import { preparePlatform } from '../../../testing/start-platform.ts'
import { must } from './must.ts'
import { pushEdition } from './push-edition.ts'
import { differing, readFacts } from './read-facts.ts'

/** What went wrong, and what it took. */
export interface Swapped {
  readonly faults: readonly string[]
  readonly figures: Readonly<Record<string, unknown>>
}

/**
 * The embedded Git host replaced by Gitea and back, below one platform and one service. Right when services, releases,
 * deployments and catalog are the same after each move, and when a push is released and live on either host.
 */
export async function swapGitHost(size: number): Promise<Swapped> {
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
      faults.push(...differing(before, after).map((fault) => `after the move to ${to}: ${fault}`))
      faults.push(...(await pushEdition(platform, { service: 'swap', edition: `${to}-${move}` })))
    }
    return { faults, figures }
  } catch (error) {
    console.error(await platform.words())
    throw error
  } finally {
    await platform.remove()
    await clearGitea()
  }
}
