import { fileURLToPath } from 'node:url'
import { describePolicy } from '#ports/policy.contract.ts'
import { bundleFromFolder, readSources } from './bundle.ts'
import { localPolicy } from './local.ts'

const folder = fileURLToPath(new URL('../../../../policies', import.meta.url))

describePolicy('local', async (t) => {
  const policy = await localPolicy({ bundle: await bundleFromFolder(folder), deadlineMs: 1_000 })
  t.after(() => policy.close())
  return { policy, shipped: await readSources(folder) }
})
