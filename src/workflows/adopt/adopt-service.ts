import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import { changeId } from '#model/change-request.ts'
import { Commit, Name, repoName } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { replaceEntities } from '#store/entity.ts'
import { findRun } from '#store/run.ts'
import { findService, releaseService, reserveService } from '#store/service.ts'
import { nameTaken } from '../create-service/render-service.ts'
import { platformAuthor } from '../deliver/author.ts'
import { serviceRepo } from '../deliver/place.ts'
import { keepTree } from '../deliver/run-trees.ts'
import { defineStep } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import type { Platform } from '../platform.ts'
import { registerEntities } from '../release/read-repository.ts'
import { adoptionBranch, noGoldenPath, proposeFor } from './adoption.ts'

/** What a person says of the repository instead of what its files tell. */
export const AdoptionAnswers = z.strictObject({
  entry: z.string().max(200).optional(),
  port: z.string().max(5).optional(),
  health: z.string().max(200).optional(),
})
const AdoptInput = z.object({
  service: Name,
  owner: Name,
  given: AdoptionAnswers,
  /** The commit that was looked at with the request. */
  commit: Commit,
  /** What the rules would say of the proposal, in sentences. */
  warnings: z.array(z.string()).default([]),
})
const Owned = z.object({ service: Name, owner: Name })

const proposeStep = defineStep({
  name: 'propose-files',
  title: 'Propose files',
  input: AdoptInput,
  output: z.object({ tree: z.string(), files: z.array(z.string()), facts: z.array(z.string()) }),
  retry: { attempts: 3, waitMs: 300 },
  describe: (input) => `What ${repoName(serviceRepo(input))} lacks to be a service`,
  effect: ({ files }) => (files.length > 0 ? `New: ${files.join(', ')}` : 'Nothing is missing'),
  async run({ platform, run, log }, { service, owner, given, commit }) {
    const repo = serviceRepo({ service, owner })
    const { files, facts } = await proposeFor(platform, { repo, commit, given: known(given) })
    for (const { fact, value, evidence } of facts) log(`${fact}: ${value} (${evidence})`)
    const objects = { dir: platform.objects }
    const remote = await platform.ports.gitHost.remote(repo)
    const ref = `refs/fairway/adopt/${repo.owner}/${repo.name}`
    await fetchRefs(objects, remote, [{ from: 'refs/heads/main', to: ref }])
    const baseTree = await treeOf(objects, commit)
    if (!baseTree) throw new PlatformError('CONFLICT', `main of ${repoName(repo)} moved meanwhile`)
    const tree = await editTree(objects, { baseTree, write: files })
    await keepTree(platform, { run, tree, name: 'adoption' })
    return { tree, files: files.map(({ path }) => path), facts: facts.map(({ fact, value }) => `${fact}: ${value}`) }
  },
})

const takeNameStep = defineStep({
  name: 'take-name',
  title: 'Take name',
  input: Owned,
  output: z.object({ service: Name }),
  describe: ({ service }) => `The name ${service} is this repository's, not yet on the path`,
  async run({ platform, run }, { service, owner }) {
    const wanted = { name: service, owner, ...noGoldenPath, run }
    const row = await reserveService(platform.db, wanted, 'adopting')
    if (row) return { service }
    throw nameTaken(service, (await findService(platform.db, service))?.owner ?? 'somebody')
  },
  undo: {
    look: async ({ platform, original }) => ({ ...(await gone(platform, original)), reason: 'the name becomes free' }),
    async act({ platform, original }) {
      const kept = await gone(platform, original)
      if (!kept.undone) return { ...kept, reason: 'the adoption was merged; the name stays' }
      await releaseService(platform.db, original.service ?? '', original.id)
      return { undone: true, reason: 'the name is free again' }
    },
  },
})

const pushStep = defineStep({
  name: 'push-branch',
  title: 'Push branch',
  input: Owned.extend({ tree: z.string(), commit: z.string(), files: z.array(z.string()) }),
  output: z.object({ head: z.string() }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  describe: (input) => `Branch ${adoptionBranch} of ${repoName(serviceRepo(input))}`,
  effect: ({ head }, input) => `Branch ${adoptionBranch} of ${repoName(serviceRepo(input))} is ${head.slice(0, 12)}`,
  async run({ platform, run, actor }, input) {
    const at = (await findRun(platform.db, run))?.startedAt
    if (!at) throw new PlatformError('RUN_UNKNOWN', `run ${run} is gone`)
    const repo = serviceRepo(input)
    const objects = { dir: platform.objects }
    const message = `Say what ${input.service} is\n\nProposed from what the repository says: ${input.files.join(', ')}.\n\nAdopted-by: ${run}\nRequested-by: ${actor}\n`
    const by = { author: await authorOf(platform, actor), committer: platformAuthor, signer: platform.signer }
    const head = await commitTree(objects, { tree: input.tree, parents: [input.commit], message, at, ...by })
    const to = `refs/heads/${adoptionBranch}`
    const there = await platform.ports.gitHost.files.resolve(repo, to)
    if (there === head) return { head }
    const remote = await platform.ports.gitHost.remote(repo)
    // An earlier adoption's branch, whose change request was closed, gives way: its commit says so.
    const expect = there === undefined ? 'absent' : (await isOurs(platform, input, { head: there })) ? there : undefined
    if (expect === undefined)
      throw new PlatformError('CONFLICT', `${repoName(repo)} has a branch ${adoptionBranch} of somebody else`, {
        hint: 'rename or delete it',
      })
    await pushRefs(objects, remote, [{ commit: head, to, expect }])
    return { head }
  },
  undo: {
    look: async ({ platform, original }) => ({ ...(await gone(platform, original)), reason: 'the branch is deleted' }),
    async act({ platform, original }) {
      const repo = repoOf(original)
      const head = await platform.ports.gitHost.files.resolve(repo, `refs/heads/${adoptionBranch}`)
      if (!head || !(await isOurs(platform, ownedBy(original), { head, run: original.id })))
        return { undone: false, reason: `branch ${adoptionBranch} is not this run's` }
      const remote = await platform.ports.gitHost.remote(repo)
      const to = `refs/heads/${adoptionBranch}`
      await pushRefs({ dir: platform.objects }, remote, [{ commit: undefined, to, expect: head }])
      return { undone: true, reason: `branch ${adoptionBranch} was deleted` }
    },
  },
})

const proposeChangeStep = defineStep({
  name: 'propose-change',
  title: 'Open change request',
  input: Owned.extend({
    head: z.string(),
    files: z.array(z.string()),
    facts: z.array(z.string()),
    warnings: z.array(z.string()).default([]),
  }),
  output: z.object({ change: z.string(), number: z.int() }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  describe: (input) => `Change request with the files in ${repoName(serviceRepo(input))}`,
  effect: ({ change }) => `Change request ${change}`,
  async run({ platform, run, actor }, input) {
    const change = await platform.ports.gitHost.changes.propose({
      key: run,
      repo: serviceRepo(input),
      title: `Put ${input.service} on the path`,
      description: `What was read or guessed:\n\n${input.facts.map((fact) => `- ${fact}`).join('\n')}\n${warningsText(input.warnings)}\nLook at port and health path above all. Once this is merged, ${input.service} is released to the first environment.`,
      author: actor,
      head: adoptionBranch,
      base: 'main',
    })
    await platform.events.publish('change', changeId(change))
    return { change: changeId(change), number: change.number }
  },
  undo: {
    look: async ({ platform, original }) => ({
      ...(await gone(platform, original)),
      reason: 'its change request is closed, unless it is merged',
    }),
    async act({ platform, original }) {
      const { changes } = platform.ports.gitHost
      const change = await changes.findByHead(repoOf(original), adoptionBranch)
      if (change?.state !== 'open') return { undone: change?.state !== 'merged', reason: 'no change request is open' }
      await changes.close(change.repo, change.number, `run ${original.id} was undone`)
      return { undone: true, reason: `change request ${changeId(change)} was closed` }
    },
  },
})

const enterStep = defineStep({
  name: 'enter-catalog',
  title: 'Enter in catalog',
  input: Owned.extend({ head: z.string() }),
  output: z.object({ entities: z.int() }),
  retry: { attempts: 3, waitMs: 300 },
  describe: ({ service }) => `Catalog entry of ${service}, not yet on the path`,
  effect: (_, { service }) => `${service} is in the catalog, not yet on the path`,
  async run({ platform }, { service, owner, head }) {
    const entities = await registerEntities(platform, { service, owner, commit: head })
    await platform.events.publish('service', service)
    return { entities: entities.length }
  },
  undo: {
    look: async ({ platform, original }) => ({ ...(await gone(platform, original)), reason: 'its catalog entry goes' }),
    async act({ platform, original }) {
      const kept = await gone(platform, original)
      if (kept.undone) await replaceEntities(platform.db, repoName(repoOf(original)), [])
      return { ...kept, reason: kept.undone ? 'its catalog entry is gone' : 'it is on the path; its entry stays' }
    },
  },
})

const steps = [proposeStep, takeNameStep, pushStep, proposeChangeStep, enterStep] as const

/** From a repository that is there already to one change request that puts it on the path, unless main says all of it. */
export const adoptServiceWorkflow = defineWorkflow({
  name: 'adopt-service',
  input: AdoptInput,
  steps,
  async run(flow, { service, owner, given, commit, warnings }) {
    const { tree, files, facts } = await flow.step(proposeStep, { service, owner, given, commit, warnings })
    await flow.step(takeNameStep, { service, owner })
    // Main says it already: there is nothing to merge, and the next look puts it on the path.
    if (files.length === 0) {
      await flow.step(enterStep, { service, owner, head: commit })
      return { state: 'succeeded', result: { service, owner } }
    }
    const { head } = await flow.step(pushStep, { service, owner, tree, commit, files })
    const { change } = await flow.step(proposeChangeStep, { service, owner, head, files, facts, warnings })
    await flow.step(enterStep, { service, owner, head })
    return { state: 'succeeded', result: { service, owner, change } }
  },
})

/** What a run would do, in sentences; `files` are those that are missing. */
export function adoptionEffects(
  place: { service: string; owner: string },
  files: readonly unknown[],
): { title: string; effect: string }[] {
  const input = { ...place, given: {}, commit: '', tree: '', head: '', files: [], facts: [] }
  const needed = files.length > 0 ? steps : [proposeStep, takeNameStep, enterStep]
  return needed.map((step) => ({ title: step.title, effect: step.describe(input as never) }))
}

/** What was taken is given back while the service is not on the path; afterwards it is a service like any other. */
async function gone(platform: Platform, { service = '', id }: Run): Promise<{ undone: boolean }> {
  const row = await findService(platform.db, service)
  return { undone: row === undefined || (row.run === id && row.state === 'adopting') }
}

async function isOurs(
  platform: Platform,
  place: { service: string; owner: string },
  { head, run }: { head: string; run?: string },
): Promise<boolean> {
  const [newest] = await platform.ports.gitHost.files.history(serviceRepo(place), { ref: head, limit: 1 })
  return newest?.trailers.some(([key, value]) => key === 'Adopted-by' && (run === undefined || value === run)) === true
}

function warningsText(warnings: readonly string[]): string {
  if (warnings.length === 0) return ''
  return `\nWhat the rules would say of it; nothing of this stops the merge:\n\n${warnings.map((one) => `- ${one}`).join('\n')}\n`
}

async function authorOf(platform: Platform, actor: string): Promise<{ name: string; email: string }> {
  const person = (await platform.ports.identity.people()).find(({ name }) => name === actor)
  return { name: person?.displayName ?? actor, email: person?.email ?? `${actor}@fairway.local` }
}

function ownedBy({ service = '', team = '' }: Run): { service: string; owner: string } {
  return { service, owner: team }
}

function repoOf(run: Run) {
  return serviceRepo(ownedBy(run))
}

function known(given: z.infer<typeof AdoptionAnswers>): Partial<Record<'entry' | 'port' | 'health', string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
