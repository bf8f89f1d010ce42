import { userInfo } from 'node:os'
import type { RebuildReport } from '#model/rebuild.ts'
import { rebuildIndex } from '#services/records/rebuild-index.ts'
import { readStartFile } from './start-file.ts'
import { withStoppedPlatform } from './stopped-platform.ts'

/** `fairway rebuild` without a running platform: whoever may read the data folder may do so. */
export async function rebuildStopped(dataFolder: string): Promise<RebuildReport> {
  const databaseUrl = process.env.FAIRWAY_DATABASE_URL
  return withStoppedPlatform({ dataFolder, databaseUrl, startFile: await readStartFile() }, (platform) =>
    rebuildIndex(platform, `operator:${userInfo().username}`),
  )
}
