import { createHash } from 'node:crypto'
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { PlatformError } from '#errors/platform-error.ts'
import { metadataOf } from './labels.ts'
import { filesOf } from './parse-score.ts'
import type { ManifestRequest } from './request.ts'
import { secretReference } from './secrets.ts'
import { textOf } from './variables.ts'

/** One file of a container: where it is mounted, and where its content lies in the ConfigMap. */
export interface MountedFile {
  readonly container: string
  readonly target: string
  readonly key: string
  readonly mode: number
  readonly text?: string
  readonly base64?: string
}

/** The files whose content stands in score.yaml; those that are secrets are not among them. */
export function mountedFiles(request: ManifestRequest): MountedFile[] {
  const isSecret = (file: { content?: string | undefined; noExpand?: boolean | undefined }) =>
    file.content !== undefined && !file.noExpand && secretReference(request.score, file.content) !== undefined
  return Object.entries(request.score.containers).flatMap(([container, spec]) =>
    filesOf(spec)
      .filter(({ file }) => !isSecret(file))
      .map(({ target, file }) => ({
        container,
        target,
        key: keyOf(container, target),
        mode: Number.parseInt(file.mode ?? '0644', 8),
        ...(file.content !== undefined && { text: file.noExpand ? file.content : textOf(file.content, request) }),
        ...(file.binaryContent !== undefined && { base64: file.binaryContent }),
      })),
  )
}

/** The files of all containers; undefined when there are none. */
export function configMapOf(request: ManifestRequest): IConfigMap | undefined {
  const files = mountedFiles(request).toSorted((a, b) => (a.key < b.key ? -1 : 1))
  if (files.length === 0) return undefined
  const data = Object.fromEntries(files.flatMap(({ key, text }) => (text === undefined ? [] : [[key, text]])))
  const binary = Object.fromEntries(files.flatMap(({ key, base64 }) => (base64 === undefined ? [] : [[key, base64]])))
  if (Buffer.byteLength(JSON.stringify([data, binary])) > 1_000_000) {
    throw new PlatformError(
      'SCORE_INVALID',
      'The files of score.yaml are together larger than the 1 MB a ConfigMap takes.',
    )
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(request, `${request.release.service}-files`),
    ...(Object.keys(data).length > 0 && { data }),
    ...(Object.keys(binary).length > 0 && { binaryData: binary }),
  }
}

/** Changes when a file does: pods do not notice a changed ConfigMap by themselves. */
export function filesDigest(request: ManifestRequest): string | undefined {
  const files = mountedFiles(request)
  if (files.length === 0) return undefined
  return `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`
}

// The readable part may coincide for two targets, the digest does not.
export function keyOf(container: string, target: string): string {
  const readable = target.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(-60)
  const digest = createHash('sha256').update(`${container}\0${target}`).digest('hex').slice(0, 8)
  return `${container}.${digest}.${readable.replace(/^[_.]+/, '')}`
}
