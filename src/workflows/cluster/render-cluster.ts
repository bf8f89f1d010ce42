import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { replaceFolder, treeOf } from '#lib/git/trees.ts'
import { deliveryRepo } from '#model/names.ts'
import { findRun } from '#store/run.ts'
import { platformAuthor } from '../deliver/author.ts'
import { keepTree } from '../deliver/run-trees.ts'
import { defineStep, stays } from '../engine/step.ts'
import { defineWorkflow } from '../engine/workflow.ts'
import { clustersPath } from './cluster-files.ts'
import { clusterState } from './cluster-state.ts'

const Input = z.object({ commit: z.string() })

/** Writes `clusters/` of the delivery repository as settings and rules demand it now. Looks first: what is so already is left alone. */
export const renderClusterStep = defineStep({
  name: 'render-cluster',
  title: 'Write the clusters’ folder',
  input: Input,
  output: z.object({ files: z.int(), commit: z.string().optional() }),
  retry: { attempts: 5, waitMs: 400 },
  external: true,
  describe: ({ commit }) => `Namespaces and rules of every environment, from settings ${commit.slice(0, 12)}`,
  effect: ({ files, commit }) =>
    commit
      ? `${files} files below ${clustersPath}/ by delivery commit ${commit.slice(0, 12)}`
      : `${clustersPath}/ is as it should be, nothing written`,
  async run({ platform, run, actor }, { commit: from }) {
    const repo = { dir: platform.objects }
    const { main, wanted, now, files } = await clusterState(platform)
    if (wanted === now) return { files }
    await keepTree(platform, { run, tree: wanted, name: 'clusters' })
    const baseTree = await treeOf(repo, main)
    if (!baseTree) throw new PlatformError('GIT_FAILED', 'the delivery repository has no tree')
    const title = now ? 'Bring namespaces and rules of the clusters up to date' : 'Begin the folder of the clusters'
    const commit = await commitTree(repo, {
      tree: await replaceFolder(repo, { baseTree, path: clustersPath, tree: wanted }),
      parents: [main],
      message: `${title}\n\nFrom settings ${from}.\n\nRun-Id: ${run}\nRequested-by: ${actor}\n`,
      author: platformAuthor,
      at: (await findRun(platform.db, run))?.startedAt ?? new Date().toISOString(),
      signer: platform.signer,
    })
    const remote = await platform.ports.gitHost.remote(deliveryRepo)
    await pushRefs(repo, remote, [{ commit, to: 'refs/heads/main', expect: main }])
    return { files, commit }
  },
  undo: stays('the clusters follow settings and rules: change those'),
})

export const renderClusterWorkflow = defineWorkflow({
  name: 'render-cluster',
  input: Input,
  steps: [renderClusterStep],
  async run(flow, input) {
    const { files, commit } = await flow.step(renderClusterStep, input)
    return { state: 'succeeded', result: { files, ...(commit && { commit }) } }
  },
})
