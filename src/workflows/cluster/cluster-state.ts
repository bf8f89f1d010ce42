import { treeOf, writeTree } from '#lib/git/trees.ts'
import { fetchDelivery } from '../deliver/open-change.ts'
import { pastThePlatform } from '../drift/past-platform.ts'
import type { Platform } from '../platform.ts'
import { clusterFiles, clustersPath } from './cluster-files.ts'

export interface ClusterState {
  /** Newest commit of the delivery repository. */
  readonly main: string
  /** Tree that settings and rules demand. */
  readonly wanted: string
  /** Tree that is there, whoever put it there; undefined: none. */
  readonly now: string | undefined
  /** Tree that the platform itself put there last. */
  readonly own: string | undefined
  readonly files: number
}

/** The clusters folder as it should be, as it is, and as the platform left it. */
export async function clusterState(platform: Platform): Promise<ClusterState> {
  const repo = { dir: platform.objects }
  const files = (await clusterFiles(platform, await platform.settings())).map(({ path, content }) => ({
    path: path.slice(clustersPath.length + 1),
    content,
  }))
  const wanted = await writeTree(repo, files)
  const past = (await pastThePlatform(platform)).find(({ path }) => path === clustersPath)
  const main = past?.main ?? (await fetchDelivery(platform))
  const now = await treeOf(repo, main, clustersPath)
  const own = past ? past.approved && (await treeOf(repo, past.approved, clustersPath)) : now
  return { main, wanted, now, own, files: files.length }
}
