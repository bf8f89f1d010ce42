import assert from 'node:assert/strict'
import { fairway } from '../../../testing/cli.ts'
import { aroundCluster } from '../../../testing/kubernetes/around-a-cluster.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import type { Runtime } from './story.ts'

/** As its operator would: a cluster with a gateway, and Argo CD pointed at the delivery repository of this platform. */
export async function onCluster(t: { after(work: () => unknown): void }, platform: TestPlatform): Promise<Runtime> {
  const { pods, configMapsWith } = await aroundCluster(t, platform)
  await fairway(platform, ['login', '--as', 'platform'])
  for (const environment of ['dev', 'staging', 'production']) {
    const pointed = await fairway(platform, ['env', 'bootstrap', environment, '--as', 'platform'])
    assert.equal(pointed.exit, 0, pointed.stderr)
  }
  return { processes: 2, rolloutSeconds: 30, instances: () => pods('shop'), configMapsWith }
}
