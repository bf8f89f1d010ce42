import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { type KubernetesObject, refOf } from '#lib/kubernetes/objects.ts'
import type { AppliedObject } from '#ports/delivery.ts'

/** Applies objects in order and tells what each changed; credentials are masked in what is told. */
export async function applyAll(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  { dryRun, signal }: { dryRun: boolean; signal: AbortSignal },
): Promise<readonly AppliedObject[]> {
  const done: AppliedObject[] = []
  for (const object of objects) {
    const before = await cluster.get(refOf(object), signal)
    const after = await cluster.apply(object, { dryRun, force: true }, signal)
    const { namespace, name } = object.metadata
    done.push({
      name: `${object.kind} ${namespace ? `${namespace}/` : ''}${name}`,
      change: !before ? 'created' : contentOf(before) === contentOf(after) ? 'none' : 'changed',
      object: masked(object),
    })
  }
  return done
}

// What the cluster notes about writers and versions changes without the content.
function contentOf({ metadata, status: _status, ...rest }: KubernetesObject): string {
  const { managedFields: _m, resourceVersion: _r, generation: _g, ...words } = metadata
  return JSON.stringify([words.labels, words.annotations, rest])
}

function masked({ stringData, ...object }: KubernetesObject): object {
  if (stringData === undefined) return object
  const { password: _password, ...words } = stringData as Record<string, string>
  return { ...object, stringData: { ...words, password: '***' } }
}
