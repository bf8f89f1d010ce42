import { swapDelivery } from './engine-swap/swap-delivery.ts'
import { swapGitHost } from './engine-swap/swap-git-host.ts'

export const needsLab = 'argo-cd'
/** Times there and back: minutes, most of them builds. */
export const small = 1

/**
 * Below one platform and one service, the embedded Git host is replaced by Gitea and back, and the embedded agent by Argo CD
 * on a cluster and back. Holds when services, releases, deployments and catalog are the same after each, nothing of what was
 * left behind goes on running, and a push, a promotion and a rollback work on either side.
 */
export async function prove({ size }: { size: number }): Promise<{ holds: boolean; figures: Record<string, unknown> }> {
  const gitHost = await swapGitHost(size)
  const delivery = await swapDelivery(size)
  const faults = [...gitHost.faults, ...delivery.faults]
  return { holds: faults.length === 0, figures: { ...gitHost.figures, ...delivery.figures, faults } }
}
