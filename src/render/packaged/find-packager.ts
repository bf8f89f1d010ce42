import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import type { Packaging } from '#model/entity.ts'

export type Packager = Exclude<Packaging, 'score'>

/** The versions that are used, and how to get them: Fairway downloads neither. */
export const packagers: Readonly<Record<Packager, { readonly version: string; readonly hint: string }>> = {
  helm: { version: '4.3.1', hint: 'go install helm.sh/helm/v4/cmd/helm@v4.3.1' },
  kustomize: { version: '5.8.1', hint: 'go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1' },
}

/** The program on PATH or in ~/.cache/fairway-lab/bin. PACKAGING_TOOL_MISSING without one. */
export async function findPackager(name: Packager, path = process.env['PATH'] ?? ''): Promise<string> {
  const folders = [...path.split(delimiter).filter(isAbsolute), join(homedir(), '.cache', 'fairway-lab', 'bin')]
  for (const folder of folders) {
    const candidate = join(folder, name)
    const isProgram = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isProgram) return candidate
  }
  throw new PlatformError(
    'PACKAGING_TOOL_MISSING',
    `the program \`${name}\`, which renders this service, is not installed`,
    {
      hint: packagers[name].hint,
    },
  )
}
