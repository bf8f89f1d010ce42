import { type GitRepository, runGit } from './run-git.ts'

/** Joins small packs and loose objects into larger packs. Nothing is thrown away, so it may run beside anything else. */
export async function tidyRepository(repo: GitRepository): Promise<void> {
  await runGit(repo, ['repack', '-d', '--geometric=2', '--quiet'], { timeoutMs: 600_000 })
}
