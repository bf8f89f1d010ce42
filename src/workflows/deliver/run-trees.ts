import { packTree, unpackTree } from '#lib/git/pack-tree.ts'
import { resolve, updateRef } from '#lib/git/commits.ts'
import { isOfOneMachine } from '#model/adapters.ts'
import { runTrees, saveRunTree } from '#store/run-tree.ts'
import type { Platform } from '../platform.ts'

/** Keeps a tree reachable for as long as its run is kept, also for a replica that has another disk. */
export async function keepTree(
  platform: Platform,
  { run, tree, name }: { run: string; tree: string; name: string },
): Promise<void> {
  const objects = { dir: platform.objects }
  if (!isOfOneMachine(platform.adapters.running))
    await saveRunTree(platform.db, { run, name, tree, pack: await packTree(objects, tree) })
  await updateRef(objects, { ref: refOf(run, name), to: tree })
}

/** Brings here what another replica rendered for the run, before its next step looks for it. */
export async function bringTrees(platform: Platform, run: string): Promise<void> {
  if (isOfOneMachine(platform.adapters.running)) return
  const objects = { dir: platform.objects }
  for (const { name, tree, pack } of await runTrees(platform.db, run)) {
    if ((await resolve(objects, refOf(run, name))) === tree) continue
    await unpackTree(objects, pack)
    await updateRef(objects, { ref: refOf(run, name), to: tree })
  }
}

function refOf(run: string, name: string): string {
  return `refs/fairway/runs/${run}/${name}`
}
