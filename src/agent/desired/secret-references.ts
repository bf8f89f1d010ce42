import { notHere } from './not-here.ts'
import type { PodContainer, PodVolume } from './pod-schema.ts'
import type { SecretEnvSpec, SecretFileSpec } from './workload-spec.ts'

/** Variables that are secrets, by name only: a value is filled in when a process starts. */
export function secretVariables({ env }: PodContainer, service: string): SecretEnvSpec[] {
  return env.flatMap(({ name, valueFrom }) => {
    const reference = valueFrom?.secretKeyRef
    if (!reference || reference.optional) return []
    return [{ name, secret: nameOf(reference.name, reference.key, service) }]
  })
}

/** Files that are secrets, by name only. A volume is taken key by key, each by its own mount. */
export function secretMounts(
  { volumeMounts }: PodContainer,
  volumes: readonly PodVolume[],
  service: string,
): SecretFileSpec[] {
  return volumeMounts.flatMap(({ name, mountPath, subPath }) => {
    const volume = volumes.find((one) => one.name === name)?.secret
    if (!volume) return []
    const items = (volume.items ?? []).filter(({ path }) => subPath === undefined || path === subPath)
    if (items.length === 0) throw notHere(`${mountPath} comes from Secret ${volume.secretName} without naming its keys`)
    return items.map(({ key, path, mode }) => ({
      path: subPath === undefined ? `${mountPath}/${path}` : mountPath,
      secret: nameOf(volume.secretName, key, service),
      mode: mode ?? 0o400,
    }))
  })
}

/** An argument can be read by every process of the machine, so no secret is ever put into one. */
export function refuseSecretArguments(words: readonly string[], secrets: readonly SecretEnvSpec[]): void {
  const found = secrets.find(({ name }) => words.some((word) => word.includes(`$(${name})`)))
  if (found) throw notHere(`an argument would hold the secret ${found.name}, and arguments can be read by everybody`)
}

// The platform renders `<service>-<resource>`; anything else is another service's.
function nameOf(object: string, key: string, service: string): string {
  const prefix = `${service}-`
  if (object.startsWith(prefix)) return `${object.slice(prefix.length)}.${key}`
  throw notHere(`it asks for Secret ${object}, which is not one of ${service}`)
}
