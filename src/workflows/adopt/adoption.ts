import { PlatformError } from '#errors/platform-error.ts'
import { type RepoRef, repoName } from '#model/names.ts'
import type { Files } from '#ports/git-host.ts'
import type { Given } from '#render/adopt/guess-facts.ts'
import { type Proposal, proposeFiles } from '#render/adopt/propose-files.ts'
import { isInside, type RepositoryReader } from '#render/adopt/repository-reader.ts'
import type { Platform } from '../platform.ts'

/** The branch that an adoption proposes: one at a time, and found again without anything that we keep. */
export const adoptionBranch = 'fairway-adopt'

/** What a service of no golden path has in place of one. */
export const noGoldenPath = { template: '', templateVersion: '', answers: {} } as const

/** A source file that is larger tells nothing about how a program starts. */
const mostBytes = 262_144

/** What a repository of the Git host lacks at a commit to be a service of the team that it lies under. */
export async function proposeFor(
  platform: Platform,
  { repo, commit, given }: { repo: RepoRef; commit: string; given: Omit<Given, 'name' | 'owner'> },
): Promise<Proposal> {
  const { files } = platform.ports.gitHost
  const reader = await repositoryAt(files, repo, commit)
  const proposal = await proposeFiles(reader, repo.name, { ...given, name: repo.name, owner: repo.owner })
  const place = { name: 'the repository’s name', owner: 'whose repository it is' }
  const facts = proposal.facts.map((one) => (isOfPlace(one.fact) ? { ...one, evidence: place[one.fact] } : one))
  return { ...proposal, facts }
}

/** Nobody gave them: the repository has them. */
function isOfPlace(fact: string): fact is 'name' | 'owner' {
  return fact === 'name' || fact === 'owner'
}

/** The newest commit of main; REPOSITORY_EMPTY without one. */
export async function headOf(platform: Platform, repo: RepoRef): Promise<string> {
  const head = await platform.ports.gitHost.files.resolve(repo, 'refs/heads/main')
  if (head) return head
  throw new PlatformError('REPOSITORY_EMPTY', `${repoName(repo)} has no branch main`, {
    hint: 'push its files to main first',
  })
}

/** Whether main says by itself what the service is: the adoption was merged, or somebody wrote the files. */
export async function isOnPath(platform: Platform, repo: RepoRef): Promise<boolean> {
  const paths = await platform.ports.gitHost.files.list(repo, 'main')
  const isPackaged = paths.some((path) => path === 'score.yaml' || /^(helm|kustomize)\//.test(path))
  return isPackaged && paths.includes('catalog-info.yaml') && paths.includes('.fairway/pipeline.yaml')
}

async function repositoryAt(files: Files, repo: RepoRef, commit: string): Promise<RepositoryReader> {
  const paths = new Set(await files.list(repo, commit))
  return {
    async text(path) {
      if (!isInside(path) || !paths.has(path)) return undefined
      const text = await files.read(repo, commit, path)
      return text !== undefined && Buffer.byteLength(text) <= mostBytes ? text : undefined
    },
    has: async (path) => paths.has(path) || [...paths].some((one) => one.startsWith(`${path}/`)),
  }
}
