import { z } from 'zod'
import type { KubernetesObject } from '#lib/kubernetes/objects.ts'
import { changedFields } from '#lib/kubernetes/compare-objects.ts'
import type { Cluster } from '#lib/kubernetes/cluster.ts'
import { refOf } from '#lib/kubernetes/objects.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { LiveDifference } from '#ports/delivery.ts'

const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
}) as unknown as z.ZodType<KubernetesObject>

const notManifests = new Set(['kustomization.yaml', 'release.yaml'])

/** The manifests of a folder as objects, without those that only describe it. */
export function wantedObjects(files: ReadonlyMap<string, string>): readonly KubernetesObject[] {
  const manifests = [...files].filter(([path]) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    return name.endsWith('.yaml') && !notManifests.has(name)
  })
  return manifests.map(([file, text]) => readYamlAs(text, Manifest, { code: 'SETTINGS_INVALID', file }).value)
}

/** Where the cluster differs from these objects, field by field. */
export async function differencesFrom(
  cluster: Cluster,
  wanted: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<readonly LiveDifference[]> {
  const live = await Promise.all(wanted.map((object) => cluster.get(refOf(object), signal)))
  return wanted.flatMap((object, index) => changedFields(object, live[index]))
}
