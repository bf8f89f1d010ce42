import { join } from 'node:path'
import { describe, test } from 'node:test'
import { apiAs } from '../../../testing/cli.ts'
import { clearGitea, labConfig, type LabProduct } from '../../../testing/lab-config.ts'
import { startPlatform } from '../../../testing/start-platform.ts'
import { create } from './create.ts'
import { deliver, recover } from './deliver.ts'
import { onCluster } from './on-cluster.ts'
import { tell } from './story.ts'
import { survive } from './survive.ts'
import { watched } from './watched.ts'

/** The whole story, unchanged, with these products of the lab behind their ports. */
export async function describeWith(products: readonly LabProduct[]): Promise<void> {
  const config = await labConfig(products)
  describe(`with ${products.join(', ')}`, { skip: config.skip }, () => {
    test('the whole story of a first service, told through the command line', async (t) => {
      if (products.includes('gitea')) await clearGitea()
      const platform = await startPlatform(t, config)
      const runtime = products.includes('argo-cd') ? await onCluster(t, platform) : undefined
      const place = { clone: join(platform.data, '../shop'), api: await apiAs(platform, 'dev') }
      const story = tell(platform, { ...place, ...(runtime && { runtime }) })

      await create(t, story)
      await watched(t, story)
      await recover(t, story, await deliver(t, story))
      await survive(t, story)
    })
  })
}
