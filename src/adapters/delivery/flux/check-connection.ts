import { type Act, cluster as connectTo } from '#lib/kubernetes/cluster.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import { checkAccess, checkServed, readsOfWorkloads, whenReachable } from '../check-cluster.ts'
import { labels } from '../labels.ts'
import { kustomizationKind, sourceKind } from './names.ts'
import type { FluxOptions } from './options.ts'
import { Kustomization } from './schema.ts'

/** Tries what the adapter needs: nothing is written. */
export function checkConnection(options: FluxOptions): Promise<readonly ConnectionCheck[]> {
  const cluster = connectTo({ kubeconfig: options.kubeconfig, context: options.context })
  const signal = AbortSignal.timeout(30_000)
  return whenReachable(cluster, signal, async () => [
    ...(await checkServed(cluster, [sourceKind, kustomizationKind], signal)),
    ...(await checkAccess(cluster, needs(options), signal)),
    await controllerAlive(),
  ])

  async function controllerAlive(): Promise<ConnectionCheck> {
    const check = 'controller'
    const choice = { labels: `${labels.managedBy}=fairway`, limit: 500 }
    const found = await cluster.list({ ...kustomizationKind, namespace: options.namespace }, choice, signal)
    const at = found
      .map((one) => Kustomization.parse(one).status.history[0]?.lastReconciled ?? '')
      .toSorted()
      .at(-1)
    if (!at)
      return {
        check,
        state: 'problem',
        found: 'no Kustomization of ours was ever reconciled, so nothing tells whether it runs',
        hint: 'fairway env bootstrap NAME; kustomize-controller 1.7 or newer',
      }
    const age = Math.round((Date.now() - Date.parse(at)) / 1000)
    if (age <= options.staleSeconds) return { check, state: 'ok', found: `last reconciled ${age} s ago` }
    return {
      check,
      state: 'problem',
      found: `has reconciled nothing for ${age} s`,
      hint: 'is kustomize-controller running?',
    }
  }
}

function needs({ namespace }: FluxOptions): readonly Act[] {
  const acts = (resource: string, verbs: readonly string[]) =>
    verbs.map((verb) => ({
      verb,
      group: `${resource === 'gitrepositories' ? 'source' : 'kustomize'}.toolkit.fluxcd.io`,
      resource,
      namespace,
    }))
  return [
    ...acts('kustomizations', ['get', 'list', 'watch', 'create', 'patch', 'delete']),
    ...acts('gitrepositories', ['get', 'patch']),
    ...readsOfWorkloads,
  ]
}
