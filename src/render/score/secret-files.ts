import type { IVolume } from 'kubernetes-models/v1/Volume'
import { keyOf } from './config-map.ts'
import { filesOf } from './parse-score.ts'
import type { ManifestRequest } from './request.ts'
import { secretObjectName, type SecretReference, secretReference } from './secrets.ts'

/** A file of a container that is one secret. */
export interface SecretFile extends SecretReference {
  readonly container: string
  readonly target: string
  /** Its name inside the volume. */
  readonly path: string
  readonly mode: number
  readonly volume: string
}

export function secretFiles({ score }: ManifestRequest): SecretFile[] {
  const all = Object.entries(score.containers).flatMap(([container, spec]) =>
    filesOf(spec).flatMap(({ target, file }) => {
      const text = file.noExpand ? undefined : file.content
      const reference = text === undefined ? undefined : secretReference(score, text)
      const mode = Number.parseInt(file.mode ?? '0400', 8)
      return reference ? [{ ...reference, container, target, path: keyOf(container, target), mode }] : []
    }),
  )
  const resources = [...new Set(all.map(({ resource }) => resource))].toSorted()
  return all.map((file) => ({ ...file, volume: `secret-${resources.indexOf(file.resource)}` }))
}

/** One volume for each Secret that files come from. The values are the cluster's to fetch: here are only names. */
export function secretVolumes(request: ManifestRequest): IVolume[] {
  const files = secretFiles(request)
  return [...new Set(files.map(({ volume }) => volume))].toSorted().map((name) => {
    const own = files.filter(({ volume }) => volume === name)
    return {
      name,
      secret: {
        secretName: secretObjectName(request.release.service, own[0]?.resource ?? ''),
        items: own.map(({ key, path, mode }) => ({ key, path, mode })),
      },
    }
  })
}
