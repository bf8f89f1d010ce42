import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findOpa } from '#adapters/policy/local/find-opa.ts'
import type { ChangeRequest } from '#model/change-request.ts'
import { platformRepo } from '#model/names.ts'
import { readChange } from '#services/changes.ts'
import { listNotices } from '#services/notices.ts'
import { mergeChange, openChange, reviewChange } from '#services/review-changes.ts'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import { settingsReader } from '#workflows/settings.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('a merged change of an environment is in force without a restart', async () => {
  const change = await proposed('longer', {
    'environments/dev.yaml': (text) => text.replace('rolloutSeconds: 60', 'rolloutSeconds: 90'),
  })
  await reviewed(change, 'platform2')

  await merged(change)

  const { environments } = await whole.platform.settings()
  assert.equal(environments.find((one) => one.metadata.name === 'dev')?.spec.rolloutSeconds, 90)
})

test('a change request that no event told of is checked, too', async () => {
  const { gitHost } = whole.platform.ports
  const before = await gitHost.files.resolve(platformRepo, 'main')
  await whole.push({
    repo: platformRepo,
    by: 'platform',
    branch: 'untold',
    write: { 'environments/NOTES.md': 'words\n' },
  })
  const change = await gitHost.changes.propose({
    repo: platformRepo,
    key: 'untold',
    title: 'Opened past the platform',
    description: '',
    head: 'untold',
    base: 'main',
    author: 'platform',
  })

  const checks = await waitUntil(
    async () => {
      const { checks: found } = await readChange(whole.platform, await whole.caller('platform'), {
        repo: platformRepo,
        number: change.number,
      })
      return found.some(({ state }) => state === 'success') && found
    },
    { what: 'the check of a change request that nobody announced', ms: 60_000 },
  )

  assert.ok(checks)
  assert.equal(await gitHost.files.resolve(platformRepo, 'main'), before)
})

test('a change by its own author stays unmerged until somebody else approves', async () => {
  const change = await proposed('alone', {
    'environments/dev.yaml': (text) => text.replace('rolloutSeconds: 90', 'rolloutSeconds: 80'),
  })

  await refusedWith('SELF_APPROVAL', reviewed(change, 'platform'))
  await refusedWith('APPROVAL_MISSING', merged(change))
})

for (const [what, path, edit] of [
  [
    'an unknown approval rule',
    'environments/dev.yaml',
    (text: string) => text.replace('approval: none', 'approval: maybe'),
  ],
  ['broken YAML', 'fairway.yaml', () => 'spec: [\n'],
  [
    'an adapter that is not known',
    'fairway.yaml',
    (text: string) => text.replace('gitHost: local', 'gitHost: { product: harbor }'),
  ],
  ['a broken golden path', 'templates/tiny/template.yaml', () => 'kind: Template\n'],
  [
    'a second name for an environment',
    'environments/dev.yaml',
    (text: string) => text.replace('name: dev', 'name: staging'),
  ],
  ['people that cannot be read', 'org/users.yaml', () => 'kind: User\nmetadata: [\n'],
] as const)
  test(`the check refuses ${what}`, async () => {
    const change = await proposed(`broken-${path.replaceAll(/\W/g, '-')}-${what.length}`, { [path]: edit })
    const check = change.checks.find((one) => one.name === 'settings')

    assert.equal(check?.state, 'failure', check?.summary)
    await reviewed(change, 'platform2')
    await refusedWith('CHECKS_MISSING', merged(change))
  })

test('while the platform repository names other adapters than this process has, everybody is told what to do', async () => {
  const caller = await whole.caller('dev')
  assert.deepEqual(await listNotices(whole.platform, caller), [])
  const file = (await whole.platform.ports.gitHost.files.read(platformRepo, 'main', 'fairway.yaml')) ?? ''
  await forced({ 'fairway.yaml': file.replace('metrics: local', 'metrics: { product: harbor }') })

  const [notice] = await listNotices(whole.platform, caller)
  assert.match(notice?.text ?? '', /: metrics \(local here, harbor there\)$/)
  assert.match(notice?.hint ?? '', /FAIRWAY_CONFIG/)
  await forced({ 'fairway.yaml': file })
  assert.deepEqual(await listNotices(whole.platform, caller), [])
})

test('when a broken commit got in, the last good one stays in force, also for one that starts then', async () => {
  const good = (await whole.platform.settings()).commit
  await forced({ 'environments/dev.yaml': 'nothing: true\n' })

  const now = await whole.platform.settings()
  const problems: unknown[] = []
  const fresh = await settingsReader(whole.platform.ports.gitHost, (error) => problems.push(error))()

  assert.equal(now.commit, good)
  assert.equal(fresh.commit, good)
  assert.equal(problems.length, 1)
  await forced({
    'environments/dev.yaml':
      (await whole.platform.ports.gitHost.files.read(platformRepo, good, 'environments/dev.yaml')) ?? '',
  })
})

test('changed rules need a security engineer and the compiler; compiled and merged they are in force', async () => {
  const before = whole.platform.ports.policy.bundle().digest
  const path = 'policies/service-name/policy.yaml'
  const change = await proposed('rules', {
    [path]: (text) => text.replace(/why: .*/, 'why: Names are how people find a service.'),
  })
  const check = change.checks.find((one) => one.name === 'policy-compile')

  await refusedWith('NOT_ALLOWED', reviewed(change, 'platform2'))
  await reviewed(change, 'sec')

  if (await findOpa()) {
    assert.equal(check?.state, 'success', check?.summary)
    await merged(change)
    await waitUntil(() => whole.platform.ports.policy.bundle().digest !== before, { what: 'the new rules', ms: 20_000 })
  } else {
    assert.match(check?.summary ?? '', /opa/)
    await refusedWith('CHECKS_MISSING', merged(change))
    assert.equal(whole.platform.ports.policy.bundle().digest, before)
  }
})

/** A change by platform, with its checks reported. */
async function proposed(branch: string, edits: Record<string, (text: string) => string>): Promise<ChangeRequest> {
  const { files } = whole.platform.ports.gitHost
  const write: Record<string, string> = {}
  for (const [path, edit] of Object.entries(edits))
    write[path] = edit((await files.read(platformRepo, 'main', path)) ?? '')
  await whole.push({ repo: platformRepo, by: 'platform', branch, write })
  const caller = await whole.caller('platform')
  const opened = await openChange(whole.platform, caller, {
    repo: platformRepo,
    branch,
    title: branch,
    description: '',
  })
  return waitUntil(
    async () => {
      const change = await readChange(whole.platform, caller, opened)
      const wanted = change.mergeable.reasons.some((reason) => /not reported yet|is running/.test(reason))
      return wanted ? undefined : change
    },
    { what: `the checks of ${branch}`, ms: 60_000 },
  )
}

async function reviewed(change: ChangeRequest, by: string): Promise<ChangeRequest> {
  const request = { place: change, decision: 'approve' as const, head: change.headCommit, comment: '' }
  return reviewChange(whole.platform, await whole.caller(by), request)
}

async function merged(change: ChangeRequest): Promise<ChangeRequest> {
  return mergeChange(whole.platform, await whole.caller('platform2'), { place: change, head: change.headCommit })
}

/** Past every gate, as somebody with a shell on the host could: a merge without checks. */
async function forced(write: Record<string, string>): Promise<void> {
  const objects = { dir: whole.platform.objects }
  const { gitHost } = whole.platform.ports
  const remote = await gitHost.remote(platformRepo)
  const [parent = ''] = await fetchRefs(objects, remote, [{ from: 'refs/heads/main', to: 'refs/test/forced' }])
  const baseTree = (await treeOf(objects, parent)) ?? ''
  const tree = await editTree(objects, {
    baseTree,
    write: Object.entries(write).map(([path, content]) => ({ path, content })),
  })
  const at = new Date().toISOString()
  const author = { name: 'somebody', email: 'somebody@example.com' }
  const commit = await commitTree(objects, { tree, parents: [parent], message: 'Force', author, at })
  const branch = `forced-${commit.slice(0, 12)}`
  await pushRefs(objects, remote, [{ commit, to: `refs/heads/${branch}`, expect: 'absent' }])
  const request = { key: branch, repo: platformRepo, title: 'Force', description: '', author: 'somebody' }
  const { number } = await gitHost.changes.propose({ ...request, head: branch, base: 'main' })
  const place = { repo: platformRepo, number, expectedHead: commit, message: 'Force\n' }
  await gitHost.changes.merge({ ...place, mergedBy: 'somebody', authoredBy: 'somebody' })
}
