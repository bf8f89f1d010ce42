import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readSources } from '#adapters/policy/local/bundle.ts'
import { findOpa } from '#adapters/policy/local/find-opa.ts'
import { deliveryRepo } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { readChange } from '#services/changes.ts'
import { previewPromotion, promoteService, rollbackService } from '#services/promote-service.ts'
import { readService } from '#services/read-service.ts'
import { closeChange, reviewChange } from '#services/review-changes.ts'
import { releaseRunId } from '#services/start-run.ts'
import { listAudit } from '#store/audit.ts'
import { findRun } from '#store/run.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { deliveryPlace } from '#render/delivery-place.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'

let whole: PlatformForTest
const teardown: (() => unknown)[] = []
before(async () => {
  whole = await platformForTest({ after: (end) => void teardown.push(end) })
  await Promise.all(['shop', 'mail', 'bank', 'cash'].map((name) => whole.service(name)))
})
after(async () => {
  for (const end of teardown.toReversed()) await end()
})

test('a promotion takes what is healthy in the environment before, and says when there is nothing', async () => {
  const first = await refusedWith('NOTHING_TO_PROMOTE', promote('shop', 'dev'))
  const early = await refusedWith('NOTHING_TO_PROMOTE', promote('shop', 'production'))

  const run = await whole.ended((await promote('shop', 'staging')).id, 'succeeded')

  const [there] = await deploymentsIn(whole.platform, { service: 'shop', environment: 'staging' })
  const again = await refusedWith('NOTHING_TO_PROMOTE', promote('shop', 'staging'))
  assert.equal(there?.kind, 'promotion')
  assert.equal(there?.run, run.id)
  assert.equal(there?.outcome, 'healthy')
  assert.deepEqual(there?.approvedBy, [])
  assert.match(first.message, /first environment/)
  assert.match(early.message, /not in staging yet/)
  assert.match(again.message, /already has/)
})

test('the same promotion asked again with its key is the same run, also when it is over', async () => {
  const request = { service: 'mail', to: 'staging' }
  const asked = { request, idempotencyKey: 'promote-mail' }
  const run = await promoteService(whole.platform, await whole.caller('dev'), asked)
  await whole.ended(run.id, 'succeeded')

  const again = await promoteService(whole.platform, await whole.caller('dev'), asked)

  assert.equal(again.id, run.id)
})

test('a promotion to production waits; twenty approvals at once are one delivery, which names its approvers', async () => {
  await whole.ended((await promote('shop', 'production')).id, 'waiting')
  const run = await waitingRun('shop')

  const answers = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => review(run, index % 2 ? 'platform' : 'dev2')),
  )
  const done = await whole.ended(run.id, 'succeeded')

  const production = await deploymentsIn(whole.platform, { service: 'shop', environment: 'production' })
  assert.equal(production.length, 1)
  assert.ok(answers.some((answer) => answer.status === 'fulfilled'))
  assert.equal(production[0]?.run, done.id)
  assert.ok((production[0]?.approvedBy.length ?? 0) >= 1)
  assert.equal(production[0]?.approvedBy.includes('dev'), false)
})

test('whoever asked, pushed, wrote or helped to write a release cannot approve it, and the attempt is recorded', async () => {
  const commit = await whole.push({
    repo: { owner: 'team-a', name: 'mail' },
    by: 'dev2',
    author: { name: 'Somebody', email: 'Jonas.Keller@example.com' },
    message: 'Improve\n\nCo-authored-by: Ines Moreau <ines@elsewhere.example>',
    write: { 'notes.md': 'spoofed' },
  })
  await whole.ended(releaseRunId('mail', commit), 'succeeded')
  await whole.ended((await promote('mail', 'staging')).id, 'succeeded')
  const preview = await previewPromotion(whole.platform, await whole.caller('dev'), {
    service: 'mail',
    to: 'production',
  })
  const run = await whole.ended((await promote('mail', 'production')).id, 'waiting')

  for (const name of ['dev', 'dev2', 'platform', 'platform2']) await refusedWith('SELF_APPROVAL', review(run, name))
  await refusedWith('NOT_ALLOWED', review(run, 'auditor'))

  const refusals = await listAudit(whole.platform.db, { run: run.id, action: 'change.approve', limit: 20 })
  assert.deepEqual(preview.contributors, ['dev', 'dev2', 'platform', 'platform2'])
  assert.deepEqual([...new Set(refusals.map((record) => record.result))], ['refused'])
  assert.equal(refusals.length, 5)
  assert.equal((await findRun(whole.platform.db, run.id))?.state, 'waiting')
})

test('an approval of another tree or of other rules does not count', async () => {
  await whole.ended((await promote('bank', 'staging')).id, 'succeeded')
  const run = await whole.ended((await promote('bank', 'production')).id, 'waiting')
  const { gitHost, policy } = whole.platform.ports
  const path = deliveryPlace('bank', 'production')
  const tree = (await gitHost.files.tree(deliveryRepo, `fairway/${run.id}`, path)) ?? ''
  const old = { decision: 'approve' as const, comment: '', at: new Date().toISOString(), valid: true }
  const bundleDigest = policy.bundle().digest
  await gitHost.changes.review(deliveryRepo, numberOf(run), { ...old, by: 'dev2', tree: 'f'.repeat(40), bundleDigest })
  await gitHost.changes.review(deliveryRepo, numberOf(run), {
    ...old,
    by: 'platform',
    tree,
    bundleDigest: `sha256:${'0'.repeat(64)}`,
  })

  const change = await read(run, 'platform2')

  assert.equal(change.approval.given, false)
  assert.deepEqual(
    change.approvals.map((approval) => approval.valid),
    [false, false],
  )
  assert.equal((await findRun(whole.platform.db, run.id))?.state, 'waiting')
})

test('a rejection blocks, a newer promotion replaces the waiting one, and closing a request cancels its run', async () => {
  const first = await waitingRun('bank')
  await review(first, 'platform', 'reject')
  await review(first, 'dev2')
  const blocked = await read(first, 'dev2')

  const second = await whole.ended((await promote('bank', 'production')).id, 'waiting')
  const replaced = await findRun(whole.platform.db, first.id)
  const closed = await read(first, 'dev2')
  const place = { repo: deliveryRepo, number: numberOf(second) }
  await closeChange(whole.platform, await whole.caller('dev'), { place, reason: 'not today' })

  assert.equal(blocked.mergeable.can, false)
  assert.match(blocked.mergeable.reasons.join(), /rejected by platform/)
  assert.equal(replaced?.state, 'superseded')
  assert.equal(closed.state, 'closed')
  assert.equal((await findRun(whole.platform.db, second.id))?.state, 'cancelled')
  assert.deepEqual(await deploymentsIn(whole.platform, { service: 'bank', environment: 'production' }), [])
})

test('an approval whose start was lost is found again', async () => {
  const run = await whole.ended((await promote('bank', 'production')).id, 'waiting')
  const { gitHost, policy } = whole.platform.ports
  const tree = (await gitHost.files.tree(deliveryRepo, `fairway/${run.id}`, deliveryPlace('bank', 'production'))) ?? ''
  const bundleDigest = policy.bundle().digest
  const approval = { by: 'dev2', decision: 'approve' as const, comment: '', at: new Date().toISOString(), valid: true }
  await gitHost.changes.review(deliveryRepo, numberOf(run), { ...approval, tree, bundleDigest })

  await whole.ended(run.id, 'succeeded')

  const [there] = await deploymentsIn(whole.platform, { service: 'bank', environment: 'production' })
  assert.deepEqual(there?.approvedBy, ['dev2'])
})

test('what the rules deny fails with its findings, and nothing is proposed', async () => {
  const path = '.fairway/environments/production.yaml'
  const repo = { owner: 'team-a', name: 'bank' }
  const text = (await whole.platform.ports.gitHost.files.read(repo, 'main', path)) ?? ''
  const commit = await whole.push({ repo, by: 'dev', write: { [path]: text.replace('replicas: 2', 'replicas: 1') } })
  await whole.ended(releaseRunId('bank', commit), 'succeeded')
  await whole.ended((await promote('bank', 'staging')).id, 'succeeded')

  const run = await whole.ended((await promote('bank', 'production')).id, 'failed')

  const production = await deploymentsIn(whole.platform, { service: 'bank', environment: 'production' })
  assert.equal(run.error?.code, 'POLICY_DENIED')
  assert.match(run.error?.detail ?? '', /production-replicas/)
  assert.match(run.error?.hint ?? '', /replicas/)
  assert.equal(production.length, 1)
  assert.equal(await whole.platform.ports.gitHost.changes.findByHead(deliveryRepo, `fairway/${run.id}`), undefined)
})

test('rules that came into force after the verdict stop the merge, whoever approved', async (t) => {
  if (!(await findOpa())) return t.skip('opa is not installed: a stricter rule cannot be compiled')
  const { policy } = whole.platform.ports
  await whole.ended((await promote('cash', 'staging')).id, 'succeeded')
  const run = await whole.ended((await promote('cash', 'production')).id, 'waiting')
  const sources = await readSources(fileURLToPath(new URL('../../../policies', import.meta.url)))
  const before = await policy.compile(sources)
  t.after(() => policy.use(before))
  await policy.use(await policy.compile([...sources, ...frozen]))

  await review(run, 'dev2')
  const failed = await whole.ended(run.id, 'failed')

  assert.equal(failed.error?.code, 'POLICY_DENIED')
  assert.match(failed.error?.detail ?? '', /Nothing is deployed today/)
  assert.deepEqual(await deploymentsIn(whole.platform, { service: 'cash', environment: 'production' }), [])
})

test('a rollback brings back exactly the last healthy tree, and names what it reverts', async () => {
  const repo = { owner: 'team-a', name: 'shop' }
  const [good] = await deploymentsIn(whole.platform, { service: 'shop', environment: 'dev' })
  const bad = await whole.push({ repo, by: 'dev', write: { 'server.js': 'process.exit(1)\n' } })
  await whole.ended(releaseRunId('shop', bad), 'failed')
  const [broken] = await deploymentsIn(whole.platform, { service: 'shop', environment: 'dev' })
  const request = { service: 'shop', environment: 'dev', reason: 'it ends at once' }

  const run = await rollbackService(whole.platform, await whole.caller('dev2'), { request })
  await whole.ended(run.id, 'succeeded')

  const [now] = await deploymentsIn(whole.platform, { service: 'shop', environment: 'dev' })
  const { files } = whole.platform.ports.gitHost
  const path = deliveryPlace('shop', 'dev')
  assert.equal(broken?.outcome, 'failed')
  assert.equal(now?.kind, 'rollback')
  assert.equal(now?.reverts, broken?.commit)
  assert.equal(now?.version, good?.version)
  assert.equal(now?.requestedBy, 'dev2')
  assert.equal(
    await files.tree(deliveryRepo, now?.commit ?? '', path),
    await files.tree(deliveryRepo, good?.commit ?? '', path),
  )
  await refusedWith('NO_EARLIER_RELEASE', rollbackService(whole.platform, await whole.caller('dev2'), { request }))
})

test('a service that was deployed once has nothing to go back to, and its page says so', async () => {
  await whole.service('young')
  const request = { service: 'young', environment: 'dev', reason: '' }

  await refusedWith('NO_EARLIER_RELEASE', rollbackService(whole.platform, await whole.caller('dev'), { request }))
  const page = await readService(whole.platform, await whole.caller('dev'), 'young')

  assert.match(page.rollback.find((act) => act.environment === 'dev')?.reason ?? '', /no earlier/)
})

async function promote(service: string, to: string, by = 'dev'): Promise<Run> {
  return promoteService(whole.platform, await whole.caller(by), { request: { service, to } })
}

async function waitingRun(service: string): Promise<Run> {
  const { openRuns } = await readService(whole.platform, await whole.caller('dev'), service)
  const run = openRuns.find((candidate) => candidate.state === 'waiting')
  assert.ok(run, `${service} has no waiting run`)
  return run
}

function numberOf(run: Run): number {
  return z.object({ handOver: z.object({ number: z.int() }) }).parse(run.result).handOver.number
}

async function read(run: Run, by: string) {
  return readChange(whole.platform, await whole.caller(by), { repo: deliveryRepo, number: numberOf(run) })
}

async function review(run: Run, by: string, decision: 'approve' | 'reject' = 'approve') {
  const place = { repo: deliveryRepo, number: numberOf(run) }
  const change = await whole.platform.ports.gitHost.changes.find(deliveryRepo, place.number)
  const request = { place, decision, head: change?.headCommit ?? '', comment: '' }
  return reviewChange(whole.platform, await whole.caller(by), request)
}

const frozen = [
  {
    path: 'frozen/policy.yaml',
    text: `apiVersion: fairway.dev/v1
kind: Policy
metadata:
  name: frozen
  title: Nothing is deployed today
spec:
  severity: deny
  gates: [change]
  why: A test says so.
  fix: Wait until tomorrow.
  owner: security
  controls: []
`,
  },
  {
    path: 'frozen/rule.rego',
    text: `package fairway.rules["frozen"]

violation contains {"message": "Nothing is deployed today.", "at": "metadata.name", "fix": "Wait."} if {
	input.object.kind == "Deployment"
}
`,
  },
  {
    path: 'frozen/rule_test.rego',
    text: `package fairway.rules["frozen_test"]

import data.fairway.rules["frozen"] as frozen

test_a_deployment_is_denied if count(frozen.violation) == 1 with input as {"object": {"kind": "Deployment"}}
`,
  },
]
