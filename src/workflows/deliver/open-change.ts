import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { replaceFolder, treeOf } from '#lib/git/trees.ts'
import { changeId } from '#model/change-request.ts'
import { deliveryRepo } from '#model/names.ts'
import { Verdict } from '#model/verdict.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { findRun } from '#store/run.ts'
import { defineStep, type StepContext } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { changeUndo } from './close-change.ts'
import { DeliveryPlace, runBranch } from './place.ts'
import { platformAuthor } from './author.ts'
import { verifyTree } from './verify-image.ts'

export const Opened = z.object({
  change: z.string(),
  number: z.int(),
  head: z.string(),
  unchanged: z.boolean().default(false),
})

const OpenInput = DeliveryPlace.extend({
  tree: z.string(),
  title: z.string(),
  description: z.string(),
  verdict: Verdict,
})

/** Puts the tree in front of its gates: a branch of the delivery repository and a change request for it. */
export const openChangeStep = defineStep({
  name: 'open-change',
  title: 'Open change request',
  input: OpenInput,
  output: Opened,
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  describe: ({ title }) => `Change request "${title}" in ${deliveryRepo.owner}/${deliveryRepo.name}`,
  effect: (output, { title }) => `Change request ${output.change}: ${title}`,
  async run(context, input) {
    const { platform, run } = context
    const { changes } = platform.ports.gitHost
    await verifyTree(platform, { place: input, tree: input.tree })
    const known = await changes.findByHead(deliveryRepo, runBranch(run))
    const head = known?.headCommit ?? (await pushBranch(context, input))
    const change =
      known ??
      (await changes.propose({
        key: run,
        repo: deliveryRepo,
        title: input.title,
        description: input.description,
        author: context.actor,
        head: runBranch(run),
        base: 'main',
      }))
    const summary = `${input.verdict.policies.length} rules allow it; input ${input.verdict.inputDigest.slice(7, 19)}, bundle ${input.verdict.bundleDigest.slice(7, 19)}`
    await changes.check(deliveryRepo, head, {
      name: 'policy',
      state: 'success',
      summary,
      link: `/runs/${run}`,
      at: new Date().toISOString(),
    })
    await platform.events.publish('change', changeId(change))
    return { change: changeId(change), number: change.number, head, unchanged: false }
  },
  undo: changeUndo,
})

const fetching = new Map<string, Promise<unknown>>()

/**
 * Fetches the newest main of the delivery repository into the platform's own repository and gives its commit. One at a
 * time: two that move the same ref at once would fail the run of whoever comes second.
 */
export function fetchDelivery(platform: Platform): Promise<string> {
  const before = fetching.get(platform.objects) ?? Promise.resolve()
  const fetched = before.then(() => fetchMain(platform))
  fetching.set(
    platform.objects,
    fetched.catch(() => {}),
  )
  return fetched
}

async function fetchMain(platform: Platform): Promise<string> {
  const objects = { dir: platform.objects }
  const remote = await platform.ports.gitHost.remote(deliveryRepo)
  const [commit] = await fetchRefs(objects, remote, [{ from: 'refs/heads/main', to: 'refs/fairway/delivery/main' }])
  if (!commit) throw new PlatformError('GIT_FAILED', 'the delivery repository has no branch main')
  return commit
}

async function pushBranch(context: StepContext, input: z.output<typeof OpenInput>): Promise<string> {
  const { platform, run } = context
  const pushed = await platform.ports.gitHost.files.resolve(deliveryRepo, `refs/heads/${runBranch(run)}`)
  if (pushed) return pushed // an earlier attempt got this far and its reply was lost
  return pushFolder(context, { ...input, base: await fetchDelivery(platform) })
}

export interface FolderPush {
  readonly service: string
  readonly environment: string
  readonly tree: string
  readonly title: string
  readonly description: string
  /** Commit of main that it goes on top of. */
  readonly base: string
  /** Head that the branch has now; left out when there is no branch yet. */
  readonly replaces?: string
}

/** Pushes one commit to the run's branch in which the folder of a place is this tree. Repeating gives the same commit. */
export async function pushFolder({ platform, run }: StepContext, input: FolderPush): Promise<string> {
  const { base } = input
  const objects = { dir: platform.objects }
  const remote = await platform.ports.gitHost.remote(deliveryRepo)
  const path = deliveryPlace(input.service, input.environment)
  const tree = await replaceFolder(objects, { baseTree: await treeOf(objects, base), path, tree: input.tree })
  const at = (await findRun(platform.db, run))?.startedAt ?? new Date().toISOString()
  const commit = await commitTree(objects, {
    tree,
    parents: [base],
    message: `${input.title}\n\n${input.description}\n\nRun-Id: ${run}\n`,
    author: platformAuthor,
    at,
    signer: platform.signer,
  })
  await pushRefs(objects, remote, [{ commit, to: `refs/heads/${runBranch(run)}`, expect: input.replaces ?? 'absent' }])
  return commit
}
