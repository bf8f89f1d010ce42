import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readService } from '#services/read-service.ts'
import { releaseRunId } from '#services/start-run.ts'
import { listDocs, readDoc, searchDocs } from '#services/docs/read-docs.ts'
import { readAllSources } from '#services/catalog.ts'
import { type PlatformForTest, platformForTest, refusedWith } from '../../../testing/platform-for-test.ts'

const repo = { owner: 'team-a', name: 'shop' }
const source = 'team-a/shop'

describe('documentation', () => {
  let whole: PlatformForTest
  const teardown: (() => unknown)[] = []
  before(async () => {
    whole = await platformForTest({ after: (end) => void teardown.push(end) })
    await whole.service('shop')
  })
  after(async () => {
    for (const end of teardown.toReversed()) await end()
  })
  const push = async (write: Record<string, string>, remove: string[] = []) => {
    const commit = await whole.push({ repo, by: 'dev', write, remove })
    await whole.ended(releaseRunId('shop', commit), 'succeeded')
    return commit
  }

  test('what a push says in docs/ can be read, found and reached from the service', async () => {
    const commit = await push({
      'docs/index.md': '# The shop\n\nSee [refunds](refunds.md#when) and [code](../src/main.ts).\n',
      'docs/refunds.md': '# Refunds\n\n## When\n\nWithin fourteen days of a purchase.\n',
      'docs/notes.txt': 'not a page',
    })
    const dev = await whole.caller('dev')

    const page = await readDoc(whole.platform, dev, { source, path: 'docs/index.md' })
    assert.equal(page.title, 'The shop')
    assert.equal(page.commit, commit)
    assert.match(JSON.stringify(page.tree), /"href":"\/docs\/team-a\/shop\/docs\/refunds\.md#when"/)
    assert.doesNotMatch(JSON.stringify(page.tree), /main\.ts"\}/)

    const { items } = await searchDocs(whole.platform, dev, { words: 'fourteen day', limit: 10 })
    assert.deepEqual(
      items.map(({ path }) => path),
      ['docs/refunds.md'],
    )
    assert.match(items[0]?.excerpt ?? '', /Within fourteen days/)

    const { docs } = await readService(whole.platform, dev, 'shop')
    assert.deepEqual(
      docs.filter(({ path }) => path.startsWith('docs/')).map(({ path, title }) => [path, title]),
      [
        ['docs/index.md', 'The shop'],
        ['docs/refunds.md', 'Refunds'],
      ],
    )
  })

  test('a page that cannot be read says why in its place, and the release goes on', async () => {
    await push({ 'docs/deep.md': `${'> '.repeat(2_000)}x` })
    const dev = await whole.caller('dev')

    const page = await readDoc(whole.platform, dev, { source, path: 'docs/deep.md' })
    assert.match(page.problem ?? '', /nested deeper|longer than/)
    assert.equal((await readDoc(whole.platform, dev, { source, path: 'docs/refunds.md' })).title, 'Refunds')
  })

  test('a page that left the repository is gone', async () => {
    await push({ 'docs/index.md': '# The shop\n' }, ['docs/refunds.md', 'docs/deep.md'])
    const dev = await whole.caller('dev')

    await refusedWith('NOT_FOUND', readDoc(whole.platform, dev, { source, path: 'docs/refunds.md' }))
    assert.deepEqual((await searchDocs(whole.platform, dev, { words: 'fourteen', source, limit: 10 })).items, [])
  })

  test('Fairway’s own pages are there too, linked to each other, and a begun word finds them', async () => {
    const dev = await whole.caller('dev')

    const own = await listDocs(whole.platform, dev, { source: 'fairway', limit: 500 })
    assert.ok(own.items.some(({ path }) => path === 'docs/guide/first-service.md'))
    assert.deepEqual(
      own.items.filter(({ problem }) => problem),
      [],
    )

    const readme = await readDoc(whole.platform, dev, { source: 'fairway', path: 'README.md' })
    assert.match(JSON.stringify(readme.tree), /\/docs\/fairway\/docs\/guide\/first-service\.md/)

    const { items } = await searchDocs(whole.platform, dev, { words: 'golden pat', source: 'fairway', limit: 5 })
    assert.ok(
      items.some(({ path }) => path === 'docs/guide/golden-paths.md'),
      JSON.stringify(items),
    )
  })

  test('hostile words of a search are words', async () => {
    const dev = await whole.caller('dev')
    for (const words of ["'", '"', 'a & | ! b', "') --", 'a:*', '\\', '(((', '<->', '💥'])
      await searchDocs(whole.platform, dev, { words, limit: 5 })
  })

  test('a reading of all sources brings back what the index lost', async () => {
    await whole.platform.db.deleteFrom('doc_page').execute()

    await readAllSources(whole.platform)

    const dev = await whole.caller('dev')
    assert.equal((await readDoc(whole.platform, dev, { source, path: 'docs/index.md' })).title, 'The shop')
  })
})
