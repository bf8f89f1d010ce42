import { rebuildIndex } from '#services/records/rebuild-index.ts'
import { withStoppedPlatform } from '../../../src/main/stopped-platform.ts'

// A rebuild in a process of its own, to be killed: says "go" when it begins and "done" when it was too quick.
const [, , dataFolder = '', databaseUrl = ''] = process.argv
await withStoppedPlatform({ dataFolder, databaseUrl }, async (platform) => {
  process.stdout.write('go\n')
  await rebuildIndex(platform, 'operator:proof')
  process.stdout.write('done\n')
})
