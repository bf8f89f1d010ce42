import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adoptRepository, previewAdoption } from '#services/adopt/adopt-repository.ts'
import { settleAdoption } from '#services/adopt/settle-adoption.ts'
import { commitTree } from '#lib/git/commits.ts'
import { pushRefs } from '#lib/git/remote.ts'
import { writeTree } from '#lib/git/trees.ts'
import type { RepoRef } from '#model/names.ts'
import { listChanges } from '#services/changes.ts'
import { closeChange, mergeChange } from '#services/review-changes.ts'
import { readService } from '#services/read-service.ts'
import { listServiceSummaries } from '#services/read-services.ts'
import { findService } from '#store/service.ts'
import { type PlatformForTest, platformForTest } from '../../../testing/platform-for-test.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

const server = `import { createServer } from 'node:http'
const port = Number(process.env.PORT || 3000)
createServer((request, response) => response.end(request.url === '/healthz' ? 'ok' : 'old shop')).listen(port)
`
const files = [
  {
    path: 'package.json',
    content: '{ "name": "old-shop", "type": "module", "scripts": { "start": "node server.js" } }\n',
  },
  { path: 'server.js', content: server },
]
/** What the rules deny: nothing asks whether it is ready. */
const unprobed = `apiVersion: score.dev/v1b1
metadata: { name: old-till }
service: { ports: { www: { port: 80, targetPort: 3000 } } }
containers:
  app: { image: ., variables: { PORT: "3000" } }
`
const repo = { owner: 'team-a', name: 'old-shop' }

test('a repository that was there already is put on the path by one change request', {
  timeout: 240_000,
}, async (t) => {
  const whole = await platformForTest(t)
  const { platform, caller } = whole
  await bring(whole, repo)
  const dev = await caller('dev')

  await t.test('a dry run says what it would propose and what the rules say, and changes nothing', async () => {
    const preview = await previewAdoption(platform, dev, { repo, given: {} })

    assert.deepEqual(
      preview.files.map(({ path }) => path),
      ['catalog-info.yaml', 'score.yaml', '.fairway/pipeline.yaml'],
    )
    assert.deepEqual(preview.facts.find(({ fact }) => fact === 'health')?.value, '/healthz')
    assert.equal(preview.facts.find(({ fact }) => fact === 'owner')?.evidence, 'whose repository it is')
    assert.equal(preview.report?.environments.length, 3)
    assert.equal(await findService(platform.db, 'old-shop'), undefined)
  })

  await t.test('who may not create services of that team may not adopt for it', async () => {
    const refused = adoptRepository(platform, await caller('dev3'), { request: { repo, given: {} } })

    await assert.rejects(refused, { code: 'NOT_ALLOWED' })
  })

  await t.test('a repository without a commit is refused with the next step', async () => {
    const bare = { owner: 'team-a', name: 'no-commit' }
    await platform.ports.gitHost.repositories.create({
      repo: bare,
      description: '',
      marker: 'other',
      teams: ['team-a'],
    })

    await assert.rejects(previewAdoption(platform, dev, { repo: bare, given: {} }), { code: 'REPOSITORY_EMPTY' })
  })

  await t.test(
    'it is in the catalog, not yet on the path, with the change request to merge; a second one is refused',
    async () => {
      const run = await adoptRepository(platform, dev, { request: { repo, given: {} } })
      await whole.ended(run.id, 'succeeded')

      const { items } = await listServiceSummaries(platform, dev, { limit: 10 })
      assert.deepEqual(
        items.map(({ name, onPath }) => [name, onPath]),
        [['old-shop', false]],
      )
      assert.equal((await listServiceSummaries(platform, dev, { limit: 10, onPath: true })).total, 0)
      assert.equal((await listServiceSummaries(platform, dev, { limit: 10, onPath: false })).total, 1)
      const detail = await readService(platform, dev, 'old-shop')
      assert.equal(detail.entity.source, 'team-a/old-shop')
      assert.match(detail.attention[0]?.reason ?? '', /^not yet on the path: merge team-a\/old-shop#1$/)
      await assert.rejects(adoptRepository(platform, dev, { request: { repo, given: {} } }), {
        code: 'ALREADY_ON_PATH',
      })
    },
  )

  await t.test('once merged, a look puts it on the path, and its first release runs', async () => {
    const change = await openChange(whole, 'old-shop')
    await waitUntil(async () => (await openChange(whole, 'old-shop')).mergeable.can, {
      what: 'the pipeline of the change request',
      ms: 90_000,
      everyMs: 300,
    })
    await mergeChange(platform, dev, { place: { repo, number: change.number }, head: change.headCommit })

    await waitUntil(
      async () => {
        const row = await findService(platform.db, 'old-shop')
        if (row?.state === 'adopting') await settleAdoption(platform, row)
        const { environments, onPath } = await readService(platform, dev, 'old-shop')
        return onPath && environments[0]?.health === 'healthy'
      },
      { what: 'the first release', ms: 120_000, everyMs: 500 },
    )
  })

  await t.test(
    'a repository that lacks nothing needs no change request: it is on the path with the next look',
    async () => {
      const book = { owner: 'team-a', name: 'old-book' }
      const page = { owner: 'team-a', name: 'old-page' }
      await bring(whole, page)
      const { files: proposed } = await previewAdoption(platform, dev, { repo: page, given: {} })
      const own = proposed.map(({ path, content }) => ({ path, content: content.replaceAll('old-page', 'old-book') }))
      await bring(whole, book, [...files, ...own])
      const { effects, files: missing } = await previewAdoption(platform, dev, { repo: book, given: {} })
      assert.deepEqual(
        [missing, effects.map(({ title }) => title)],
        [[], ['Propose files', 'Take name', 'Enter in catalog']],
      )

      const run = await adoptRepository(platform, dev, { request: { repo: book, given: {} } })
      await whole.ended(run.id, 'succeeded')

      assert.deepEqual(await listChanges(platform, dev, { service: 'old-book', limit: 5 }), [])
      await waitUntil(
        async () => {
          const row = await findService(platform.db, 'old-book')
          if (row?.state === 'adopting') await settleAdoption(platform, row)
          return row?.state === 'live'
        },
        { what: 'old-book on the path', ms: 30_000 },
      )
    },
  )

  await t.test('where its change request is closed instead, name and catalog entry are given back', async () => {
    const till = { owner: 'team-a', name: 'old-till' }
    await bring(whole, till, [...files, { path: 'score.yaml', content: unprobed }])
    const preview = await previewAdoption(platform, dev, { repo: till, given: {} })
    assert.deepEqual(preview.kept, ['score.yaml'])
    assert.ok(!preview.files.some(({ path }) => path === 'score.yaml'), 'what is there stays')
    const run = await adoptRepository(platform, dev, { request: { repo: till, given: {} } })
    await whole.ended(run.id, 'succeeded')

    const { number, description } = await openChange(whole, 'old-till')
    assert.match(description, /What the rules would say of it[^]*in dev: limits-and-probes: /)
    await closeChange(platform, dev, { place: { repo: till, number }, reason: 'not now' })
    await waitUntil(
      async () => {
        const row = await findService(platform.db, 'old-till')
        if (row) await settleAdoption(platform, row)
        return row === undefined
      },
      { what: 'the name to be free', ms: 30_000 },
    )

    const again = await adoptRepository(platform, dev, { request: { repo: till, given: {} } })
    await whole.ended(again.id, 'succeeded')
    assert.notEqual((await openChange(whole, 'old-till')).number, number)
  })
})

/** A repository that the platform did not make. */
async function bring({ platform }: PlatformForTest, place: RepoRef, there = files): Promise<void> {
  const { repositories } = platform.ports.gitHost
  await repositories.create({ repo: place, description: 'old', marker: 'somebody-else', teams: [place.owner] })
  const objects = { dir: platform.objects }
  const tree = await writeTree(objects, there)
  const author = { name: 'Dana Brandt', email: 'dev@example.com' }
  const commit = await commitTree(objects, { tree, parents: [], message: 'As it always was', author, at: new Date() })
  const remote = await platform.ports.gitHost.remote(place)
  await pushRefs(objects, remote, [{ commit, to: 'refs/heads/main', expect: 'absent' }])
}

async function openChange(whole: PlatformForTest, service: string) {
  const [change] = await listChanges(whole.platform, await whole.caller('dev'), { state: 'open', service, limit: 5 })
  assert.ok(change)
  return change
}
