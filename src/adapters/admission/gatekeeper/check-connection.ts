import { type Cluster, cluster } from '#lib/kubernetes/cluster.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { GatekeeperOptions } from './options.ts'

const registration = 'admissionregistration.k8s.io'
const both = ['get', 'list'] as const
const reads = [
  {
    check: 'read constraint templates',
    group: 'templates.gatekeeper.sh',
    resource: 'constrainttemplates',
    verbs: both,
  },
  { check: 'read constraints', group: 'constraints.gatekeeper.sh', resource: '*', verbs: both },
  { check: 'read Gatekeeper’s own settings', group: 'config.gatekeeper.sh', resource: 'configs', verbs: ['get'] },
  { check: 'read webhooks', group: registration, resource: 'validatingwebhookconfigurations', verbs: both },
  { check: 'read namespaces', group: '', resource: 'namespaces', verbs: both },
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
    reads.map(async ({ check, group, resource, verbs }): Promise<ConnectionCheck> => {
      const may = await Promise.all(verbs.map((verb) => api.mayI({ verb, group, resource }, signal)))
      const lacking = verbs.filter((_, index) => !may[index])
      if (lacking.length === 0) return { check, state: 'ok', found: `${name(group, resource)} can be read` }
      const hint = `grant ${lacking.join(' and ')} on ${name(group, resource)} in a ClusterRole`
      return {
        check,
        state: 'missing',
        found: `our account may not ${lacking.join(' or ')} ${name(group, resource)}`,
        hint,
      }
    }),
  )
  const mayLook = permissions.find(({ check }) => check === 'read webhooks')?.state === 'ok'
  return [installed, ...permissions, ...(mayLook ? [await webhookCheck(api, options.webhook, signal)] : [])]
}

/** What it lets through and whom it asks about is `fairway doctor`'s: that needs the rules and the environments. */
async function webhookCheck(api: Cluster, webhook: string, signal: AbortSignal): Promise<ConnectionCheck> {
  const check = 'webhook'
  const ref = { apiVersion: `${registration}/v1`, kind: 'ValidatingWebhookConfiguration', name: webhook }
  const found = await api.get(ref, signal)
  if (found) return { check, state: 'ok', found: `${webhook} is registered` }
  return {
    check,
    state: 'problem',
    found: `the cluster has no ValidatingWebhookConfiguration ${webhook}: nothing is asked at its door`,
    hint: 'install Gatekeeper with its webhook, or name the one it has: the setting `webhook`',
  }
}

function name(group: string, resource: string): string {
  return group ? `${resource}.${group}` : resource
}
