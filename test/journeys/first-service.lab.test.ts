import { join } from 'node:path'
import { describe, test } from 'node:test'
import { apiAs } from '../../testing/cli.ts'
import { clearGitea, labConfig, type LabProduct } from '../../testing/lab-config.ts'
import { startPlatform } from '../../testing/start-platform.ts'
import { create } from './first-service/create.ts'
import { deliver, recover } from './first-service/deliver.ts'
import { onCluster } from './first-service/on-cluster.ts'
import { tell } from './first-service/story.ts'
import { survive } from './first-service/survive.ts'

const signals = ['prometheus', 'loki', 'jaeger'] as const
const sets: readonly (readonly LabProduct[])[] = [
  ['oci-registry', ...signals],
  ['gitea', 'oci-registry', ...signals],
  ['gitea', 'oci-registry', 'argo-cd', 'gatekeeper', ...signals],
]

for (const products of sets) {
  const config = await labConfig(products)
  describe(`with ${products.join(', ')}`, { skip: config.skip }, () => {
    test('the whole story of a first service, told through the command line', async (t) => {
      if (products.includes('gitea')) await clearGitea()
      const platform = await startPlatform(t, config)
      const runtime = products.includes('argo-cd') ? await onCluster(t, platform) : undefined
      const place = { clone: join(platform.data, '../shop'), api: await apiAs(platform, 'dev') }
      const story = tell(platform, { ...place, ...(runtime && { runtime }) })

      await create(t, story)
      await recover(t, story, await deliver(t, story))
      await survive(t, story)
    })
  })
}
