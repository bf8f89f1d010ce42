import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { waitUntil } from '../wait-until.ts'

export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** Makes an account of a namespace that may do only what `rules` say, everywhere, and gives its token. */
export async function accountWith(
  t: { after(work: () => unknown): void },
  admin: Cluster,
  { namespace, name, rules }: { namespace: string; name: string; rules: readonly Rule[] },
): Promise<string> {
  const signal = AbortSignal.timeout(30_000)
  const full = `${namespace}-${name}`
  const rbac = 'rbac.authorization.k8s.io/v1'
  const apply = (object: Parameters<Cluster['apply']>[0]) => admin.apply(object, { force: true }, signal)
  await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
  await apply({ apiVersion: rbac, kind: 'ClusterRole', metadata: { name: full }, rules })
  await apply({
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    metadata: { name: full },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: full },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  })
  t.after(async () => {
    for (const kind of ['ClusterRoleBinding', 'ClusterRole'])
      await admin.delete({ apiVersion: rbac, kind, name: full }, AbortSignal.timeout(30_000))
  })
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
  const answer = await waitUntil(() => admin.create(path, body, signal), { what: 'a token' })
  return (answer as { status: { token: string } }).status.token
}
