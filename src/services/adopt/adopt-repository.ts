import { PlatformError } from '#errors/platform-error.ts'
import { Name, type RepoRef, repoName } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import type { WorkingTreeReport } from '#model/working-tree.ts'
import type { Fact } from '#render/adopt/guess-facts.ts'
import { findService } from '#store/service.ts'
import { adoptionEffects, type AdoptionAnswers } from '#workflows/adopt/adopt-service.ts'
import { headOf, proposeFor } from '#workflows/adopt/adoption.ts'
import { checkOwner } from '#workflows/create-service/render-service.ts'
import type { Platform } from '#workflows/platform.ts'
import type { z } from 'zod'
import { authorise, type Caller } from '../caller.ts'
import { checkWorkingTree } from '../check-working-tree.ts'
import { repeatedRun, startRun } from '../start-run.ts'

export interface AdoptionRequest {
  /** Of the Git host; its owner is the team, its name the service's. */
  readonly repo: RepoRef
  readonly given: z.infer<typeof AdoptionAnswers>
}

export interface AdoptionPreview {
  readonly service: string
  readonly owner: string
  readonly facts: Fact[]
  readonly files: { path: string; content: string }[]
  readonly kept: string[]
  /** What the gates say of it; absent for a repository with manifests of its own. */
  readonly report?: WorkingTreeReport
  readonly effects: { title: string; effect: string }[]
}

/** What an adoption would propose and what the rules would say of it. Nothing that the rules deny refuses it: it warns. */
export async function previewAdoption(
  platform: Platform,
  caller: Caller,
  { repo, given }: AdoptionRequest,
): Promise<AdoptionPreview> {
  authorise(caller, 'service.create', repo.owner)
  const commit = await adoptable(platform, repo)
  const { service, owner, facts, files, kept, isPackaged } = await proposeFor(platform, {
    repo,
    commit,
    given: known(given),
  })
  const there = await platform.ports.gitHost.files.readAll(repo, commit, kept)
  const all = [...files, ...[...there].map(([path, content]) => ({ path, content }))]
  const signal = AbortSignal.timeout(20_000)
  const report = isPackaged ? undefined : await checkWorkingTree(platform, caller, { service, files: all, signal })
  return {
    service,
    owner,
    facts: [...facts],
    files: files.map(({ path, content }) => ({ path, content })),
    kept: [...kept],
    ...(report && { report }),
    effects: adoptionEffects({ service, owner }, files),
  }
}

/** Starts the run that opens the one change request. */
export async function adoptRepository(
  platform: Platform,
  caller: Caller,
  { request: { repo, given }, idempotencyKey }: { request: AdoptionRequest; idempotencyKey?: string | undefined },
): Promise<Run> {
  authorise(caller, 'service.create', repo.owner)
  const wanted = {
    workflow: 'adopt-service',
    actor: caller.person.name,
    service: repo.name,
    team: repo.owner,
    input: { service: repo.name, owner: repo.owner, given: known(given) },
    idempotencyKey,
  } as const
  const repeat = await repeatedRun(platform, wanted)
  if (repeat) return repeat
  const commit = await adoptable(platform, repo)
  const { report } = await previewAdoption(platform, caller, { repo, given })
  return startRun(platform, { ...wanted, agreed: { commit, warnings: warningsIn(report) } })
}

/** The commit that would be adopted; a repository that is a service, or cannot be one, is refused with the reason. */
async function adoptable(platform: Platform, repo: RepoRef): Promise<string> {
  if (!Name.safeParse(repo.name).success)
    throw new PlatformError('NAME_INVALID', `"${repo.name}" is no service name`, { hint: 'rename the repository' })
  await checkOwner(platform, repo.owner)
  if (!(await platform.ports.gitHost.repositories.find(repo)))
    throw new PlatformError('REPOSITORY_UNKNOWN', `the Git host has no repository ${repoName(repo)}`, {
      hint: 'docs/guide/adopt.md says how one gets there',
    })
  const row = await findService(platform.db, repo.name)
  if (row)
    throw new PlatformError(
      'ALREADY_ON_PATH',
      row.state === 'adopting' ? `the adoption of ${row.name} waits for its merge` : `${row.name} is a service already`,
      { hint: row.state === 'adopting' ? 'fairway change list' : `fairway status ${row.name}` },
    )
  return headOf(platform, repo)
}

/** Each thing that a gate would refuse, once, with the environment where there is one. */
function warningsIn(report: WorkingTreeReport | undefined): string[] {
  const problems = (report?.problems ?? []).map(({ file, message }) => (file ? `${file}: ${message}` : message))
  const refused = (report?.environments ?? []).flatMap(({ name, problems: own, findings }) => [
    ...own.map(({ message }) => `in ${name}: ${message}`),
    ...findings.map(({ policy, message, fix }) => `in ${name}: ${policy}: ${message} (${fix})`),
  ])
  return [...new Set([...problems, ...refused])].slice(0, 20)
}

function known(given: AdoptionRequest['given']): Partial<Record<'entry' | 'port' | 'health', string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
