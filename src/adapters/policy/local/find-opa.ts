import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'

/** How to get the compiler: it is never downloaded by Fairway. */
export const opaHint = 'go install github.com/open-policy-agent/opa@v1.22.2'

/** The `opa` program on PATH or in ~/.cache/fairway-lab/bin; undefined without one. */
export async function findOpa(path = process.env['PATH'] ?? ''): Promise<string | undefined> {
  const folders = [...path.split(delimiter).filter(isAbsolute), join(homedir(), '.cache', 'fairway-lab', 'bin')]
  for (const folder of folders) {
    const candidate = join(folder, 'opa')
    const isProgram = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isProgram) return candidate
  }
  return undefined
}

export function compilerMissing(): PlatformError {
  return new PlatformError('POLICY_COMPILER_MISSING', 'The program `opa`, which compiles rules, is not installed.', {
    hint: opaHint,
  })
}
