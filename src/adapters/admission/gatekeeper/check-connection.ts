import { cluster } from '#lib/kubernetes/cluster.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { GatekeeperOptions } from './options.ts'

const reads = [
  { check: 'read constraint templates', group: 'templates.gatekeeper.sh', resource: 'constrainttemplates' },
  { check: 'read constraints', group: 'constraints.gatekeeper.sh', resource: '*' },
  { check: 'read webhooks', group: 'admissionregistration.k8s.io', resource: 'validatingwebhookconfigurations' },
  { check: 'read namespaces', group: '', resource: 'namespaces' },
] as const

/** Asks the cluster what our account may read, and whether Gatekeeper is there. Changes nothing. */
export async function checkConnection(options: GatekeeperOptions): Promise<readonly ConnectionCheck[]> {
  const api = cluster(options)
  const signal = AbortSignal.timeout(8_000)
  const template = { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' }
  const isInstalled = await api.serves(template, signal)
  const server = await api.server()
  const installed: ConnectionCheck = isInstalled
    ? { check: 'Gatekeeper', state: 'ok', found: `the cluster at ${server} knows ConstraintTemplate v1` }
    : {
        check: 'Gatekeeper',
        state: 'problem',
        found: `the cluster at ${server} does not know ConstraintTemplate v1`,
        hint: 'install Gatekeeper 3.19 or newer: docs/adapters/gatekeeper.md',
      }
  const permissions = await Promise.all(
    reads.map(async ({ check, group, resource }): Promise<ConnectionCheck> => {
      const may = await Promise.all(['get', 'list'].map((verb) => api.mayI({ verb, group, resource }, signal)))
      const verbs = ['get', 'list'].filter((_, index) => !may[index])
      if (verbs.length === 0) return { check, state: 'ok', found: `${name(group, resource)} can be read` }
      const hint = `grant ${verbs.join(' and ')} on ${name(group, resource)} in a ClusterRole`
      return {
        check,
        state: 'missing',
        found: `our account may not ${verbs.join(' or ')} ${name(group, resource)}`,
        hint,
      }
    }),
  )
  return [installed, ...permissions]
}

function name(group: string, resource: string): string {
  return group ? `${resource}.${group}` : resource
}
