import { codeOf } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { replaceFolder, treeOf } from '#lib/git/trees.ts'
import { deliveryRepo } from '#model/names.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import type { StepContext, Undone } from '../engine/step.ts'
import { platformAuthor } from './author.ts'
import { fetchDelivery } from './open-change.ts'

interface Placed {
  readonly commit: string
  readonly service: string
  readonly environment: string
}

/** Takes a place's folder out of the delivery repository, so that the runtime ends it; kept when somebody deployed since. */
export async function removeDeployment(context: StepContext, placed: Placed): Promise<Undone> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await removeOnce(context, placed)
    } catch (error) {
      // Other services are delivered at the same time: what they merged is fetched and the removal put on top.
      if (codeOf(error) !== 'CONFLICT' || attempt === 5) throw error
    }
  }
}

async function removeOnce(
  { platform, run, actor }: StepContext,
  { commit, service, environment }: Placed,
): Promise<Undone> {
  const objects = { dir: platform.objects }
  const { gitHost } = platform.ports
  const path = deliveryPlace(service, environment)
  const base = await fetchDelivery(platform)
  const tree = await treeOf(objects, base, path)
  if (!tree) return { undone: true, reason: `${service} is not in ${environment} any more` }
  const [newest] = await gitHost.files.history(deliveryRepo, { ref: base, path, limit: 1 })
  if (newest?.commit !== commit)
    return { undone: false, reason: `${service} was deployed to ${environment} again since` }
  const message = `Remove ${service} from ${environment}\n\nRun-Id: ${run}\nRequested-by: ${actor}\nReverts: ${commit}\n`
  const baseTree = await treeOf(objects, base)
  const without = await replaceFolder(objects, { baseTree, path, tree: undefined })
  const at = new Date().toISOString()
  const removal = await commitTree(objects, { tree: without, parents: [base], message, author: platformAuthor, at })
  await pushRefs(objects, await gitHost.remote(deliveryRepo), [
    { commit: removal, to: 'refs/heads/main', expect: base },
  ])
  return { undone: true, reason: `${service} removed from ${environment} by delivery commit ${removal.slice(0, 12)}` }
}
