import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { Commit, Name, repoName } from '#model/names.ts'
import { Verdict } from '#model/verdict.ts'
import { findRun } from '#store/run.ts'
import { findService, reserveService, setServiceLive } from '#store/service.ts'
import { platformAuthor } from '../deliver/author.ts'
import { refuseDenied } from '../deliver/check-policy.ts'
import { serviceRepo } from '../deliver/place.ts'
import { keepTree } from '../deliver/run-trees.ts'
import { defineStep } from '../engine/step.ts'
import { registerEntities } from '../release/read-repository.ts'
import { protectMain } from './protect-main.ts'
import { catalogUndo, goesWithRepository, nameUndo, repositoryUndo } from './take-back.ts'
import { checkRequest, formVerdicts, nameTaken, renderService, writeServiceTree } from './render-service.ts'

export const CreateInput = z.object({
  template: Name,
  service: Name,
  owner: Name,
  answers: z.record(z.string(), z.unknown()),
  /** The commit whose golden path was accepted with the request: what is merged later is not what was agreed to. */
  goldenPath: z.object({ version: Commit }).optional(),
})
export type CreateInput = z.infer<typeof CreateInput>
const Owned = z.object({ service: Name, owner: Name })

/** Refuses what could not succeed, before anything exists. */
export const validateStep = defineStep({
  name: 'validate',
  title: 'Check answers',
  input: CreateInput,
  output: z.object({}),
  describe: () => 'Name, owner and answers are checked',
  async run({ platform, run }, request) {
    await checkRequest(platform, request, run)
    return {}
  },
})

/** Renders the repository and keeps its tree: what was previewed is what is pushed, byte for byte. */
export const renderStep = defineStep({
  name: 'render',
  title: 'Render golden path',
  input: CreateInput,
  output: z.object({ tree: z.string(), version: z.string(), files: z.int(), verdicts: z.array(Verdict) }),
  describe: ({ template }) => `Files from golden path ${template}`,
  effect: ({ files, tree }) => `${files} files rendered, every rule asked, tree ${tree.slice(0, 12)}`,
  async run({ platform, run, log, signal }, request) {
    const { files, version } = await renderService(platform, request, {
      version: request.goldenPath?.version,
      signal,
    })
    const verdicts = await formVerdicts(platform, { request, files })
    for (const verdict of verdicts) refuseDenied(verdict)
    const tree = await writeServiceTree(platform, files)
    await keepTree(platform, { run, tree, name: 'skeleton' })
    for (const file of files) log(file.path)
    return { tree, version, files: files.length, verdicts: [...verdicts] }
  },
})

/** Takes the name, so that two runs cannot make the same service. */
export const reserveNameStep = defineStep({
  name: 'reserve-name',
  title: 'Reserve name',
  input: CreateInput.extend({ version: z.string() }),
  output: z.object({ service: z.string() }),
  describe: ({ service }) => `The name ${service} is reserved`,
  async run({ platform, run }, { service, owner, template, version, answers }) {
    const row = await reserveService(platform.db, {
      name: service,
      owner,
      template,
      templateVersion: version,
      answers,
      run,
    })
    if (row) return { service }
    throw nameTaken(service, (await findService(platform.db, service))?.owner ?? 'somebody')
  },
  undo: nameUndo,
})

/** Makes the repository with this run's marker; one that carries it already is adopted. */
export const createRepositoryStep = defineStep({
  name: 'create-repository',
  title: 'Create repository',
  input: Owned,
  output: z.object({ repo: z.string(), service: Name, owner: Name }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  describe: (input) => `Repository ${repoName(serviceRepo(input))}`,
  async run({ platform, run }, input) {
    const repo = serviceRepo(input)
    const made = await platform.ports.gitHost.repositories.create({
      repo,
      description: `Service ${input.service}`,
      marker: run,
      teams: [input.owner],
    })
    return { repo: repoName(made.repo), ...input }
  },
  undo: repositoryUndo,
})

/** Pushes the rendered tree as the first commit. Author, dates and tree are fixed, so that a repeat is the same commit. */
export const pushSkeletonStep = defineStep({
  name: 'push-skeleton',
  title: 'Push first commit',
  input: Owned.extend({ tree: z.string(), template: z.string(), version: z.string() }),
  output: z.object({ commit: z.string() }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  undo: goesWithRepository('the first commit'),
  describe: (input) => `First commit on main of ${repoName(serviceRepo(input))}`,
  effect: ({ commit }, input) => `First commit ${commit.slice(0, 12)} on main of ${repoName(serviceRepo(input))}`,
  async run({ platform, run, actor }, input) {
    const objects = { dir: platform.objects }
    const repo = serviceRepo(input)
    const at = (await findRun(platform.db, run))?.startedAt
    if (!at) throw new PlatformError('RUN_UNKNOWN', `run ${run} is gone`)
    const message = `Create ${input.service} from golden path ${input.template}\n\nGolden-Path: ${input.template}@${input.version}\nRequested-by: ${actor}\nRun-Id: ${run}\n`
    const by = { author: platformAuthor, signer: platform.signer }
    const commit = await commitTree(objects, { tree: input.tree, parents: [], message, at, ...by })
    const there = await platform.ports.gitHost.files.resolve(repo, 'refs/heads/main')
    if (there === commit) return { commit }
    if (there) throw new PlatformError('CONFLICT', `${repoName(repo)} has commits that this run did not make`)
    await pushRefs(objects, await platform.ports.gitHost.remote(repo), [
      { commit, to: 'refs/heads/main', expect: 'absent' },
    ])
    return { commit }
  },
})

export const protectBranchStep = defineStep({
  name: 'protect-branch',
  title: 'Protect main',
  input: Owned,
  output: z.object({ rule: z.string() }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  undo: goesWithRepository('the protection of main'),
  describe: ({ owner }) => `main takes no force push and no deletion; ${owner} may push`,
  effect: ({ rule }) => rule,
  run: async ({ platform }, input) => ({ rule: await protectMain(platform, input) }),
})

/** Enters the service in the catalog, from the repository that now says what it is. */
export const registerCatalogStep = defineStep({
  name: 'register-catalog',
  title: 'Register in catalog',
  input: Owned.extend({ commit: z.string() }),
  output: z.object({ service: Name, owner: Name, entities: z.int() }),
  retry: { attempts: 3, waitMs: 300 },
  describe: ({ service }) => `Catalog entry of ${service}`,
  effect: ({ entities, service }) => `${service} is in the catalog with ${entities} entities`,
  async run({ platform }, { service, owner, commit }) {
    const entities = await registerEntities(platform, { service, owner, commit })
    await setServiceLive(platform.db, service)
    await platform.events.publish('service', service)
    return { service, owner, entities: entities.length }
  },
  undo: catalogUndo,
})
