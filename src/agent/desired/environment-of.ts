import { expandReferences } from '#lib/expand-references.ts'
import { notHere } from './not-here.ts'
import type { ConfigMapObject, PodContainer, PodVariable } from './pod-schema.ts'

/** The variables of a container in order, references filled in, secrets left out. A missing key is refused with its name. */
export function environmentOf(
  { env }: PodContainer,
  configMaps: readonly ConfigMapObject[],
): { name: string; value: string }[] {
  const known = new Map<string, string>()
  for (const variable of env) {
    const value = valueOf(variable, { known, configMaps })
    if (value !== undefined) known.set(variable.name, value)
  }
  return [...known].map(([name, value]) => ({ name, value }))
}

function valueOf(
  { name, value, valueFrom }: PodVariable,
  { known, configMaps }: { known: ReadonlyMap<string, string>; configMaps: readonly ConfigMapObject[] },
): string | undefined {
  if (!valueFrom) return expandReferences(value ?? '', known)
  const { secretKeyRef, configMapKeyRef } = valueFrom
  if (configMapKeyRef) {
    const map = configMaps.find(({ metadata }) => metadata.name === configMapKeyRef.name)
    const found = map?.data[configMapKeyRef.key]
    if (found !== undefined || configMapKeyRef.optional) return found
    throw notHere(
      `${name} comes from key ${configMapKeyRef.key} of ConfigMap ${configMapKeyRef.name}, which is not there`,
    )
  }
  if (secretKeyRef) return undefined // see secret-references.ts
  throw notHere(`${name} takes its value from something other than a secret or ConfigMap`)
}
