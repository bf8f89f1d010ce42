import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { Act, Cluster } from '#lib/kubernetes/cluster.ts'
import type { KindRef } from '#lib/kubernetes/objects.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'

/** One finding when the cluster cannot be asked; else what `look` finds. */
export async function whenReachable(
  cluster: Cluster,
  signal: AbortSignal,
  look: () => Promise<readonly ConnectionCheck[]>,
): Promise<readonly ConnectionCheck[]> {
  const check = 'reach the cluster'
  try {
    await cluster.serves({ apiVersion: 'v1', kind: 'Pod' }, signal)
    return [{ check, state: 'ok', found: await cluster.server() }, ...(await look())]
  } catch (error) {
    if (!codeOf(error)) throw error
    const { message, hint } = error as PlatformError
    return [{ check, state: 'problem', found: `${codeOf(error)}: ${message}`, ...(hint && { hint }) }]
  }
}

/** Whether the product's kinds are installed. */
export async function checkServed(
  cluster: Cluster,
  kinds: readonly KindRef[],
  signal: AbortSignal,
): Promise<readonly ConnectionCheck[]> {
  return Promise.all(
    kinds.map(async ({ apiVersion, kind }) =>
      (await cluster.serves({ apiVersion, kind }, signal))
        ? { check: `kind ${kind}`, state: 'ok' as const, found: apiVersion }
        : {
            check: `kind ${kind}`,
            state: 'missing' as const,
            found: `the cluster does not know ${kind} of ${apiVersion}`,
            hint: 'install the product in this cluster',
          },
    ),
  )
}

const reads = (group: string, resources: readonly string[]): Act[] =>
  resources.flatMap((resource) => ['get', 'list'].map((verb) => ({ verb, group, resource })))

/** What has to be read to tell how services stand, whichever product delivers them. */
export const readsOfWorkloads: readonly Act[] = [
  ...reads('apps', ['deployments', 'replicasets']),
  ...reads('', ['pods', 'events', 'services', 'configmaps', 'serviceaccounts']),
  ...reads('networking.k8s.io', ['networkpolicies']),
  ...reads('policy', ['poddisruptionbudgets']),
]

/** Asks the cluster itself what our account may do; one finding per resource. */
export async function checkAccess(
  cluster: Cluster,
  acts: readonly Act[],
  signal: AbortSignal,
): Promise<readonly ConnectionCheck[]> {
  const answers = await Promise.all(acts.map(async (act) => ({ act, may: await cluster.mayI(act, signal) })))
  const resources = Map.groupBy(answers, ({ act }) => fullName(act))
  return [...resources].map(([resource, asked]) => {
    const refused = asked.filter(({ may }) => !may).map(({ act }) => act.verb)
    const check = `permissions on ${resource}`
    if (refused.length === 0) return { check, state: 'ok', found: asked.map(({ act }) => act.verb).join(', ') }
    return {
      check,
      state: 'missing',
      found: `our account may not ${refused.join(', ')} ${resource}`,
      hint: `grant ${refused.join(', ')} on ${resource} to the account of the kubeconfig`,
    }
  })
}

const fullName = ({ group, resource, namespace }: Act): string =>
  `${group ? `${resource}.${group}` : resource}${namespace ? ` in ${namespace}` : ''}`
