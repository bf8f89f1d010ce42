/**
 * Rewrites the golden output of every example of every golden path, of the renderer's own workload and of a cluster:
 * `node tools/generate/golden.ts`. Read the diff before you commit it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderCluster } from '#render/cluster/render-cluster.ts'
import { renderManifests } from '#render/score/render-manifests.ts'
import { goldenCluster, goldenClusterFolder } from '../../testing/golden-cluster.ts'
import { examples, renderExample } from '../../testing/golden-paths.ts'
import { goldenWorkload, workloadFolder } from '../../testing/golden-workload.ts'

for (const example of examples()) write(example.folder, renderExample(example))
write(
  workloadFolder,
  new Map(renderManifests(goldenWorkload()).map(({ path, content }) => [`expected/${path}`, content])),
)
write(
  goldenClusterFolder,
  new Map(renderCluster(await goldenCluster()).map(({ path, content }) => [`expected/${path}`, content])),
)

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const golden of ['expected', 'manifests']) rmSync(join(folder, golden), { recursive: true, force: true })
  for (const [path, content] of files) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
  console.log(`${folder}: ${files.size} files`)
}
