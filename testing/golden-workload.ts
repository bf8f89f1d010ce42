import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ServiceEnvironment } from '#model/environment.ts'
import { parseScore } from '#render/score/parse-score.ts'
import type { ManifestRequest } from '#render/score/request.ts'
import { environmentNamed } from './arbitrary-workload.ts'
import { goldenPlatform } from './golden-paths.ts'

/** Folder of a score.yaml that uses everything the renderer supports; expected/ holds its manifests. */
export const workloadFolder = fileURLToPath(new URL('../src/render/score/fixtures/', import.meta.url))
export const workloadScore = readFileSync(`${workloadFolder}score.yaml`, 'utf8')

/** That workload in production. */
export function goldenWorkload(change: Partial<ManifestRequest> = {}): ManifestRequest {
  return {
    score: parseScore(workloadScore),
    serviceEnvironment: ServiceEnvironment.parse({ variables: { LOG: '$(x)' }, hosts: ['shop.example.com'] }),
    environment: environmentNamed('production', 2),
    release: {
      service: 'shop',
      owner: 'team-a',
      version: '1.2.3+b1',
      commit: 'a'.repeat(40),
      image: 'fairway.local/team-a/shop',
      digest: `sha256:${'b'.repeat(64)}`,
    },
    platform: goldenPlatform,
    ...change,
  }
}
