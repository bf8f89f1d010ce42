import { type Act, cluster as connectTo } from '#lib/kubernetes/cluster.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import { checkAccess, checkServed, readsOfWorkloads, whenReachable } from '../check-cluster.ts'
import { applicationKind, applicationSetKind, projectKind } from './names.ts'
import type { ArgoCdOptions } from './options.ts'
import { Application } from './schema.ts'

/** Tries what the adapter needs: nothing is written. */
export function checkConnection(options: ArgoCdOptions): Promise<readonly ConnectionCheck[]> {
  const cluster = connectTo({ kubeconfig: options.kubeconfig, context: options.context })
  const signal = AbortSignal.timeout(30_000)
  return whenReachable(cluster, signal, async () => [
    ...(await checkServed(cluster, [applicationKind, applicationSetKind, projectKind], signal)),
    ...(await checkAccess(cluster, needs(options), signal)),
    await controllerAlive(),
  ])

  async function controllerAlive(): Promise<ConnectionCheck> {
    const check = 'controller'
    const found = await cluster.list({ ...applicationKind, namespace: options.namespace }, { limit: 500 }, signal)
    const at = found
      .map((one) => Application.parse(one).status.reconciledAt ?? '')
      .toSorted()
      .at(-1)
    if (!at)
      return {
        check,
        state: 'problem',
        found: 'no Application was ever compared, so nothing tells whether it runs',
        hint: 'fairway env bootstrap NAME',
      }
    const age = Math.round((Date.now() - Date.parse(at)) / 1000)
    if (age <= options.staleSeconds) return { check, state: 'ok', found: `last compared ${age} s ago` }
    return {
      check,
      state: 'problem',
      found: `has compared nothing for ${age} s`,
      hint: 'is argocd-application-controller running?',
    }
  }
}

function needs({ namespace }: ArgoCdOptions): readonly Act[] {
  const group = 'argoproj.io'
  const acts = (resource: string, verbs: readonly string[]) =>
    verbs.map((verb) => ({ verb, group, resource, namespace }))
  return [
    ...acts('applications', ['get', 'list', 'watch', 'patch']),
    ...acts('applicationsets', ['get', 'patch']),
    ...readsOfWorkloads,
  ]
}
