import { PlatformError } from '#errors/platform-error.ts'
import type { Packaging } from '#model/entity.ts'

const marks: readonly (readonly [Packaging, (path: string) => boolean])[] = [
  ['score', (path) => path === 'score.yaml'],
  ['helm', (path) => path === 'helm/Chart.yaml'],
  ['kustomize', (path) => /^kustomize\/(overlays\/[^/]+\/)?kustomization\.yaml$/.test(path)],
]

/** The one packaging that a repository's files show. PACKAGING_INVALID for none and for more than one. */
export function packagingOf(paths: readonly string[]): Packaging {
  const found = marks.filter(([, isMark]) => paths.some(isMark)).map(([name]) => name)
  const [only] = found
  if (found.length === 1 && only) return only
  if (found.length === 0)
    throw new PlatformError('SCORE_INVALID', 'score.yaml is missing', {
      hint: 'add score.yaml at the top of the repository; a service beside the default path brings helm/Chart.yaml or kustomize/kustomization.yaml instead',
    })
  throw new PlatformError(
    'PACKAGING_INVALID',
    `the repository brings ${found.join(' and ')}; a release needs exactly one`,
    {
      hint: 'remove all but one of score.yaml, helm/ and kustomize/',
    },
  )
}

/** Whether a file is one of the packaging's own. */
export function packagesPath(packaging: Packaging, path: string): boolean {
  return packaging === 'score' ? path === 'score.yaml' : path.startsWith(`${packaging}/`)
}
