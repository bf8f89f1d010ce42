import { describe } from 'node:test'
import { describeDelivery } from '../../../ports/delivery.contract.ts'
import { argoCdWorld } from '../../../../testing/kubernetes/argo-cd-world.ts'
import { pushTinyImage } from '../../../../testing/kubernetes/tiny-image.ts'
import { labFacts } from '../../../../testing/lab.ts'

const lab = await labFacts('argo-cd')
const registry = await labFacts('registry')

describe('delivery', { skip: lab.skip || registry.skip, concurrency: 1 }, () => {
  describeDelivery('argo-cd', async (t) => {
    const world = await argoCdWorld(t, lab.facts)
    return {
      delivery: world.delivery,
      environment: world.environment,
      publish: world.publish,
      cutSource: async () => world.git.stop(),
      tamper: async ({ service: name }) => {
        const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.namespace, name }
        await world.admin.patch(ref, { spec: { revisionHistoryLimit: 7, replicas: 3 } }, AbortSignal.timeout(10_000))
      },
      imageFor: ({ version, kind }) =>
        pushTinyImage(registry.facts['registry'] ?? '', { version, ready: kind === 'healthy' ? 200 : 503 }),
    }
  })
})
