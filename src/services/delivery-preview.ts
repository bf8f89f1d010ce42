import { diffTrees } from '#lib/git/diff-trees.ts'
import { treeOf, writeTree } from '#lib/git/trees.ts'
import type { FileDiff } from '#model/change-request.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { fetchDelivery } from '#workflows/deliver/open-change.ts'
import type { Platform } from '#workflows/platform.ts'
import { promoteWorkflow } from '#workflows/promote/promote.ts'
import { rollbackWorkflow } from '#workflows/rollback/rollback.ts'

/** The difference between an environment's folder as it is in Git and a rendered tree. */
export async function deliveryDiff(
  platform: Platform,
  { place, tree }: { place: { service: string; environment: string }; tree: string },
): Promise<readonly FileDiff[]> {
  const objects = { dir: platform.objects }
  const base = await fetchDelivery(platform)
  const now =
    (await treeOf(objects, base, deliveryPlace(place.service, place.environment))) ?? (await writeTree(objects, []))
  return diffTrees(objects, { from: now, to: tree })
}

/** What a promotion or rollback would do, step by step. */
export function plannedDelivery(
  name: 'promote' | 'rollback',
  facts: { service: string; owner: string; environment: string; version: string },
): { step: string; title: string; effect: string }[] {
  const workflow = name === 'promote' ? promoteWorkflow : rollbackWorkflow
  const verb = name === 'promote' ? 'Promote' : 'Roll back'
  const input = { ...facts, title: `${verb} ${facts.service} to ${facts.version} in ${facts.environment}` }
  return workflow.steps.map((step) => ({ step: step.name, title: step.title, effect: step.describe(input as never) }))
}
