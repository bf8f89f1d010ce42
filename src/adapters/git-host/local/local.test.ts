import type { TestContext } from 'node:test'
import { describeGitHost } from '#ports/git-host.contract.ts'
import { startLocalGitHost } from '../../../../testing/local-git-host.ts'

describeGitHost('local', async (t: TestContext) => {
  const { host, remoteOf } = await startLocalGitHost(t)
  return { host, owner: 'team-a', team: 'team-a', userRemote: remoteOf }
})
