import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildRequest, BuildResult } from '#ports/ci.ts'

/** Successful builds by key, so that repeating one is free. A failed build is not kept: a retry must be able to succeed. */
export function resultStore(folder: string) {
  const pathOf = ({ key, commit, repo }: BuildRequest) =>
    join(
      folder,
      createHash('sha256')
        .update(JSON.stringify([key, commit, repo.owner, repo.name]))
        .digest('hex'),
    )
  return {
    async read(request: BuildRequest): Promise<BuildResult | undefined> {
      const text = await readFile(pathOf(request), 'utf8').catch(() => undefined)
      return text === undefined ? undefined : (JSON.parse(text) as BuildResult)
    },
    async write(request: BuildRequest, result: BuildResult): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const draft = join(folder, `.${randomUUID()}`)
      await writeFile(draft, JSON.stringify(result))
      await rename(draft, pathOf(request))
    },
  }
}
