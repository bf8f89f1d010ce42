import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { applyChanges, type EntryChange, listTree, treeOf } from '#lib/git/trees.ts'
import { DriftKind } from '#model/drift.ts'
import { deliveryRepo } from '#model/names.ts'
import { findRun } from '#store/run.ts'
import { platformAuthor } from '../deliver/author.ts'
import { defineStep, type StepContext, stays } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import { type PastPlatform, pastThePlatform } from './past-platform.ts'

const RepairInput = z.object({
  kind: DriftKind,
  path: z.string(),
  service: z.string().optional(),
  environment: z.string().optional(),
})
type RepairInput = z.output<typeof RepairInput>

const patienceSeconds = 120

/** Makes it so without a change request: what runs from Git, or a path that is no deployment from what the platform wrote. */
export const repairStep = defineStep({
  name: 'repair',
  title: 'Repair',
  input: RepairInput,
  output: z.object({ effect: z.string() }),
  retry: { attempts: 5, waitMs: 400 },
  seconds: patienceSeconds + 30,
  external: true,
  describe: ({ kind, path }) =>
    kind === 'runtime' ? `What runs of ${path} is made anew from Git` : `${path} as the platform left it`,
  effect: ({ effect }) => effect,
  run: (context, input) => (input.kind === 'runtime' ? repairRuntime(context, input) : restorePath(context, input)),
  undo: stays('what was repaired stays as it is in Git'),
})

export const repairDriftWorkflow = defineWorkflow({
  name: 'repair-drift',
  input: RepairInput,
  steps: [repairStep],
  async run(flow, input) {
    const { effect } = await flow.step(repairStep, input)
    return { state: 'succeeded', result: { effect } }
  },
})

async function repairRuntime({ platform, signal }: StepContext, { service = '', environment = '' }: RepairInput) {
  const place = { service, environment }
  const { delivery } = platform.ports
  const before = await delivery.differences(place, signal)
  if (before.kind === 'unknown' || before.fields.length > 0) await delivery.repair(place, signal)
  let left = 'the runtime does not say'
  for (const end = performance.now() + patienceSeconds * 1_000; performance.now() < end; await pause(300)) {
    const now = await delivery.differences(place, signal)
    if (now.kind === 'known' && now.fields.length === 0)
      return { effect: `What runs of ${service} in ${environment} equals Git` }
    left = now.kind === 'unknown' ? now.reason : now.fields.map(({ field }) => field).join(', ')
  }
  throw new PlatformError('ROLLOUT_TIMEOUT', `${service} in ${environment} still differs: ${left}`, {
    hint: `fairway status ${service}`,
  })
}

async function restorePath({ platform, run, actor }: StepContext, { path }: RepairInput) {
  const repo = { dir: platform.objects }
  const found = (await pastThePlatform(platform)).find((one) => one.path === path)
  if (!found) return { effect: `${path} is as the platform left it` }
  const baseTree = await treeOf(repo, found.main)
  if (!baseTree) throw new PlatformError('GIT_FAILED', 'the delivery repository has no tree')
  const tree = await applyChanges(repo, baseTree, await changesBack(platform.objects, found))
  const past = found.commit?.commit ?? found.main
  const commit = await commitTree(repo, {
    tree,
    parents: [found.main],
    message: `Put ${path} back\n\nRun-Id: ${run}\nRequested-by: ${actor}\nReverts: ${past}\n`,
    author: platformAuthor,
    at: (await findRun(platform.db, run))?.startedAt ?? new Date().toISOString(),
    signer: platform.signer,
  })
  const remote = await platform.ports.gitHost.remote(deliveryRepo)
  await pushRefs(repo, remote, [{ commit, to: 'refs/heads/main', expect: found.main }])
  return { effect: `${path} put back by delivery commit ${commit.slice(0, 12)}` }
}

async function changesBack(dir: string, { path, approved, main }: PastPlatform): Promise<EntryChange[]> {
  const isBelow = (file: string) => file === path || file.startsWith(`${path}/`)
  const [now, before] = await Promise.all(
    [main, approved].map(async (commit) =>
      commit ? (await listTree({ dir }, commit)).filter((file) => isBelow(file.path)) : [],
    ),
  )
  const gone = (now ?? []).filter((file) => !before?.some((one) => one.path === file.path))
  return [
    ...gone.map((file) => ({ path: file.path, entry: undefined })),
    ...(before ?? []).map((file) => ({ path: file.path, entry: { mode: file.mode, id: file.id } })),
  ]
}
