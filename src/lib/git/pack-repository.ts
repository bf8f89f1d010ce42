import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { initBare } from './repository.ts'
import { type GitRepository, gitText, runGit } from './run-git.ts'

/** A repository in two files: what its refs are, and one pack of all they need. */
export interface PackedRepository {
  readonly refs: string
  /** Absent for a repository without refs. */
  readonly pack?: string
}

/**
 * Writes all refs of a repository and what they need into files of `folder`, while others push: the refs are of one moment,
 * objects are never thrown away. `pinned` gives refs the value they had earlier.
 */
export async function packRepository(
  repo: GitRepository,
  { folder, pinned = new Map() }: { folder: string; pinned?: ReadonlyMap<string, string> },
): Promise<PackedRepository> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const listed = await gitText(repo, ['for-each-ref', '--format=%(objectname) %(refname)'])
  const lines = listed
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const ref = line.slice(41)
      return `${pinned.get(ref) ?? line.slice(0, 40)} ${ref}`
    })
  const refs = join(folder, 'refs')
  await writeFile(refs, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  if (lines.length === 0) return { refs }
  const ids = [...new Set(lines.map((line) => line.slice(0, 40)))].join('\n')
  const args = ['pack-objects', '--revs', '--quiet', '--delta-base-offset', join(folder, 'pack')]
  const name = await gitText(repo, args, { input: `${ids}\n`, timeoutMs: 3_600_000 })
  const pack = join(folder, 'pack')
  await rename(join(folder, `pack-${name}.pack`), pack)
  return { refs, pack }
}

/** Makes a bare repository of what packRepository wrote. */
export async function unpackRepository(packed: PackedRepository, dir: string): Promise<GitRepository> {
  await mkdir(dir, { recursive: true })
  const repo = await initBare(dir)
  if (packed.pack !== undefined) {
    await mkdir(join(dir, 'objects/pack'), { recursive: true })
    const pack = join(dir, 'objects/pack/pack-restored.pack')
    await rename(packed.pack, pack)
    await runGit(repo, ['index-pack', '--no-rev-index', pack], { timeoutMs: 3_600_000 })
  }
  const lines = (await readFile(packed.refs, 'utf8')).split('\n').filter(Boolean)
  const input = lines.map((line) => `create ${line.slice(41)} ${line.slice(0, 40)}\n`).join('')
  if (input !== '') await runGit(repo, ['update-ref', '--stdin'], { input })
  return repo
}
