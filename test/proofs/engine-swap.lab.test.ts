import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { labConfig } from '../../testing/lab-config.ts'
import { small } from './engine-swap.ts'
import { swappedDelivery, swapDelivery } from './engine-swap/swap-delivery.ts'
import { type Swapped, swapGitHost } from './engine-swap/swap-git-host.ts'

const gitea = await labConfig(['gitea'])
const cluster = await labConfig(swappedDelivery)
const held = ({ faults, figures }: Swapped) => assert.deepEqual(faults, [], JSON.stringify(figures, undefined, 2))

describe('products swap', { timeout: 1_100_000 }, () => {
  test(
    'the Git host is another one and the first again, and no service, release, deployment or entry is lost or made anew',
    { skip: gitea.skip },
    async () => held(await swapGitHost(small)),
  )

  test(
    'Argo CD delivers instead of the agent, and the agent again: every service runs once, in the release it had',
    { skip: cluster.skip },
    async () => held(await swapDelivery(small)),
  )
})
