import { posix } from 'node:path'
import { notHere } from './not-here.ts'
import type { ConfigMapObject, PodContainer, PodVolume } from './pod-schema.ts'
import type { FileSpec } from './workload-spec.ts'

interface Mounts {
  readonly container: PodContainer
  readonly volumes: readonly PodVolume[]
  readonly configMaps: readonly ConfigMapObject[]
}

/** The files that ConfigMaps put into the container. /tmp is every instance's own; other volumes are refused. */
export function configFiles({ container, volumes, configMaps }: Mounts): FileSpec[] {
  return container.volumeMounts.flatMap(({ name, mountPath, subPath }) => {
    const volume = volumes.find((one) => one.name === name)
    if (volume?.configMap) {
      const files = filesOf(volume.configMap, configMaps)
      if (subPath === undefined) return files.map((file) => ({ ...file, path: posix.join(mountPath, file.path) }))
      const file = files.find(({ path }) => path === subPath)
      if (!file) throw notHere(`${mountPath} comes from ${subPath} of volume ${name}, which is not there`)
      return [{ ...file, path: posix.normalize(mountPath) }]
    }
    if (volume?.secret) return [] // see secret-references.ts
    if (volume && 'emptyDir' in volume && mountPath === '/tmp') return []
    throw notHere(`it mounts volume ${name} at ${mountPath}`)
  })
}

function filesOf(volume: NonNullable<PodVolume['configMap']>, configMaps: readonly ConfigMapObject[]): FileSpec[] {
  const map = configMaps.find(({ metadata }) => metadata.name === volume.name)
  if (!map) throw notHere(`ConfigMap ${volume.name} is not there`)
  const keys = [...Object.keys(map.data), ...Object.keys(map.binaryData)]
  const items = volume.items ?? keys.map((key) => ({ key, path: key, mode: undefined }))
  return items.map(({ key, path, mode }) => {
    const text = map.data[key]
    const base64 = text === undefined ? map.binaryData[key] : Buffer.from(text).toString('base64')
    if (base64 === undefined) throw notHere(`ConfigMap ${volume.name} has no key ${key}`)
    if (posix.normalize(`/${path}`) !== `/${path}`) throw notHere(`ConfigMap ${volume.name} has a file at ${path}`)
    return { path, base64, mode: mode ?? 0o644 }
  })
}
