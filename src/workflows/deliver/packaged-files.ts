import type { Packaging } from '#model/entity.ts'
import type { RepoRef } from '#model/names.ts'
import type { Files } from '#ports/git-host.ts'
import { packagesPath } from '#render/packaged/packaging.ts'
import { type RenderedFile, sortByPath } from '#render/rendered-file.ts'

/** The files of a service's packaging at a commit, sorted by path: score.yaml, or everything below helm/ or kustomize/. */
export async function packagedFiles(
  files: Files,
  { repo, commit, packaging }: { repo: RepoRef; commit: string; packaging: Packaging },
): Promise<readonly RenderedFile[]> {
  const paths = (await files.list(repo, commit)).filter((path) => packagesPath(packaging, path))
  const texts = await files.readAll(repo, commit, paths)
  return sortByPath([...texts].map(([path, content]) => ({ path, content })))
}
