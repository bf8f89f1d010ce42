import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { apiAs, fairway } from '../../testing/cli.ts'
import { aroundCluster } from '../../testing/kubernetes/around-a-cluster.ts'
import { clearGitea, labConfig, type LabProduct } from '../../testing/lab-config.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { create } from './first-service/create.ts'
import { deliver, recover } from './first-service/deliver.ts'
import { type Runtime, tell } from './first-service/story.ts'
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

/** As its operator would: a cluster with a gateway, and Argo CD pointed at the delivery repository. */
async function onCluster(t: TestContext, platform: TestPlatform): Promise<Runtime> {
  const { pods } = await aroundCluster(t, platform)
  await fairway(platform, ['login', '--as', 'platform'])
  for (const environment of ['dev', 'staging', 'production']) {
    const pointed = await fairway(platform, ['env', 'bootstrap', environment, '--as', 'platform'])
    assert.equal(pointed.exit, 0, pointed.stderr)
  }
  return { processes: 2, instances: () => pods('shop') }
}
