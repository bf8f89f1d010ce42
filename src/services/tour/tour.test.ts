import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '#model/run.ts'
import { listAudit } from '#store/audit.ts'
import { platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'
import { tinyPlatformFiles } from '../../../testing/tiny-platform.ts'
import { readRunCommit, readRunCommits } from '../run-commits.ts'
import { rollbackService } from '../promote-service.ts'
import { readStatus } from '../read-services.ts'
import { readHome } from '../home.ts'
import { readTour } from './read-tour.ts'
import { previewTour, takeTour } from './take-tour.ts'

const repo = { owner: 'team-a', name: 'hello' }

/** A service that answers where the tour asks with what it is: not found; and an environment that gives up soon. */
function quick() {
  return tinyPlatformFiles().map((file) => {
    const content = file.content
      .replace("reply.end('one')", "(request.url === '/' ? reply : reply.writeHead(404)).end('one')")
      .replace('createServer((_, reply)', 'createServer((request, reply)')
      .replace('rolloutSeconds: 60', 'rolloutSeconds: 5')
    return { ...file, content }
  })
}

test('the tour of a first service: broken on purpose, rolled back, mended, each by a commit that says so', async (t) => {
  const whole = await platformForTest(t, { files: quick() })
  const { platform } = whole
  const [dev, other, auditor] = await Promise.all(['dev', 'dev3', 'auditor'].map((name) => whole.caller(name)))
  if (!dev || !other || !auditor) throw new Error('nobody signed in')
  const tour = () => readTour(platform, dev, 'hello')
  const health = async () => (await readStatus(platform, dev, 'hello')).environments[0]
  const file = { path: 'score.yaml', status: 'modified' }
  let created: Run
  let broken: { run: Run; commit: string }

  await t.test('an empty platform offers hello to whoever may create it, with the line that makes it', async () => {
    const [mine, theirs] = await Promise.all([readHome(platform, dev), readHome(platform, auditor)])

    assert.deepEqual(mine.hello, {
      template: 'tiny',
      name: 'hello',
      owner: 'team-a',
      command: 'fairway new --template tiny --name hello --owner team-a --wait',
    })
    assert.deepEqual([mine.isEmpty, theirs.isEmpty, theirs.hello], [true, true, undefined])
    created = await whole.service('hello')
    const after = await readHome(platform, dev)
    assert.deepEqual([after.isEmpty, after.hello], [false, undefined])
  })

  await t.test('the run that made it shows its real commits, whole', async () => {
    const [first, delivered, ...more] = await readRunCommits(platform, dev, created.id)

    assert.deepEqual(more, [])
    assert.deepEqual(
      [first, delivered].map((one) => [one?.step, one?.repository, one?.place]),
      [
        ['push-skeleton', 'team-a/hello', 'service'],
        ['merge-change', 'fairway/delivery', 'delivery'],
      ],
    )
    assert.equal(first?.commit, await platform.ports.gitHost.files.resolve(repo, 'main'))
    assert.match(delivered?.change ?? '', /^fairway\/delivery#\d+$/)
    const { diff, message } = await readRunCommit(platform, dev, { id: created.id, commit: first?.commit ?? '' })
    assert.match(message, /Golden-Path: tiny@/)
    assert.ok(diff.some(({ path, after }) => path === 'score.yaml' && after?.includes('name: "hello"')))
    await refusedWith('NOT_FOUND', readRunCommit(platform, dev, { id: created.id, commit: 'f'.repeat(40) }))
  })

  await t.test('the break says beforehand which line it changes, and is offered to nobody else', async () => {
    const seen = await tour()
    const preview = await previewTour(platform, dev, { name: 'hello', act: 'break' })

    assert.equal(seen.stage, 'whole')
    assert.deepEqual(
      [preview.repository, preview.branch, preview.file.additions, preview.file.deletions],
      ['team-a/hello', 'main', 1, 1],
    )
    assert.partialDeepStrictEqual(preview.file, file)
    assert.equal((await readTour(platform, other, 'hello')).acts[0]?.can, false)
    await refusedWith('NOT_ALLOWED', takeTour(platform, other, { name: 'hello', act: 'break' }))
    await refusedWith('TOUR_NOT_NOW', takeTour(platform, dev, { name: 'hello', act: 'mend' }))
    assert.equal(await platform.ports.gitHost.files.resolve(repo, 'main'), await headOf(created))
  })

  await t.test('broken, the rollout fails, and the version before goes on answering', async () => {
    broken = await takeTour(platform, dev, { name: 'hello', act: 'break' })
    const again = await takeTour(platform, dev, { name: 'hello', act: 'break' })

    assert.deepEqual([again.run.id, again.commit], [broken.run.id, broken.commit])
    const run = await whole.ended(broken.run.id, 'failed')
    assert.equal(run.error?.code, 'ROLLOUT_FAILED')
    assert.equal(run.requestedBy, 'dev')
    const at = await health()
    assert.deepEqual([at?.sync, at?.replicas?.ready], ['failed', 1])
    const seen = await tour()
    assert.deepEqual(
      [seen.stage, seen.commit, seen.acts.map(({ act }) => act)],
      ['broken', broken.commit, ['roll-back', 'mend']],
    )
  })

  await t.test('rolled back it is healthy, and main is said to be broken still', async () => {
    const request = { service: 'hello', environment: 'dev', to: undefined, reason: '' }
    const back = await rollbackService(platform, dev, { request })
    await whole.ended(back.id, 'succeeded')

    assert.equal((await health())?.health, 'healthy')
    const seen = await tour()
    assert.deepEqual([seen.stage, seen.acts.map(({ act }) => act)], ['back', ['mend']])
  })

  await t.test('mended, main is byte for byte what it was, released and whole', async () => {
    const mended = await takeTour(platform, dev, { name: 'hello', act: 'mend' })
    await whole.ended(mended.run.id, 'succeeded')
    const { files } = platform.ports.gitHost

    assert.equal(await files.tree(repo, 'main', ''), await files.tree(repo, await headOf(created), ''))
    assert.equal((await tour()).stage, 'whole')
    const records = await listAudit(platform.db, { object: 'service:hello', limit: 50 })
    const acts = records
      .filter(({ action }) => action.startsWith('tour.'))
      .map(({ action, actor, phase }) => [action, actor, phase])
    assert.deepEqual(acts, [
      ['tour.mend', 'dev', 'outcome'],
      ['tour.mend', 'dev', 'intent'],
      ['tour.break', 'dev', 'outcome'],
      ['tour.break', 'dev', 'intent'],
    ])
  })

  await t.test('with a commit of somebody’s own it is over: nothing that people work on is broken', async () => {
    const commit = await whole.push({ repo, by: 'dev', write: { 'own.md': 'mine' } })

    const seen = await tour()
    assert.deepEqual([seen.stage, seen.acts], ['over', []])
    await refusedWith('TOUR_NOT_NOW', takeTour(platform, dev, { name: 'hello', act: 'break' }))
    assert.equal(await platform.ports.gitHost.files.resolve(repo, 'main'), commit)
  })

  async function headOf(run: Run): Promise<string> {
    return (await readRunCommits(platform, auditor as never, run.id))[0]?.commit ?? ''
  }
})
