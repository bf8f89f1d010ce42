import type { Release } from '#model/release.ts'
import { ReleaseFile } from '#model/release.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import { writeYaml } from '../yaml/write-yaml.ts'

export interface ReleaseFileRequest {
  readonly release: Pick<
    Release,
    'service' | 'owner' | 'version' | 'commit' | 'image' | 'digest' | 'configDigest' | 'sbomDigest' | 'provenanceDigest'
  >
  readonly environment: string
  /** What made the manifests, and which version of it. */
  readonly renderer: string
  readonly bundleDigest: string
  readonly run: string
  readonly requestedBy: string
  readonly promotedFrom?: string
}

/** release.yaml: what runs in this folder, and how it came there. */
export function releaseFile({ release, ...how }: ReleaseFileRequest): RenderedFile {
  const content: ReleaseFile = {
    apiVersion: 'fairway.dev/v1',
    kind: 'Release',
    service: release.service,
    owner: release.owner,
    environment: how.environment,
    version: release.version,
    commit: release.commit,
    image: release.image,
    digest: release.digest,
    configDigest: release.configDigest,
    ...(release.sbomDigest && { sbomDigest: release.sbomDigest }),
    ...(release.provenanceDigest && { provenanceDigest: release.provenanceDigest }),
    renderer: how.renderer,
    bundleDigest: how.bundleDigest,
    run: how.run,
    requestedBy: how.requestedBy,
    ...(how.promotedFrom && { promotedFrom: how.promotedFrom }),
  }
  return { path: 'release.yaml', content: writeYaml(ReleaseFile.parse(content)) }
}

/** Reads release.yaml of the delivery repository back. */
export function parseReleaseFile(text: string): ReleaseFile {
  return readYamlAs(text, ReleaseFile, { code: 'SETTINGS_INVALID', file: 'release.yaml' }).value
}
