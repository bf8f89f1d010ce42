import assert from 'node:assert/strict'
import type { Promised } from './git-host-place.contract.ts'

/** Opening, reviewing, checking and closing change requests. */
export function changePromises(promise: Promised): void {
  promise('the same key opens one change request, also when asked at once', async (_t, at) => {
    const { propose, base, head } = await at.branch({ file: 'new' })

    const [first, twin] = await Promise.all([propose('run-1'), propose('run-1')])
    const again = await propose('run-1')

    assert.equal(first.number, twin.number)
    assert.equal(again.number, first.number)
    assert.deepEqual([first.state, first.baseCommit, first.headCommit], ['open', base, head])
    assert.equal((await at.host.changes.find(at.repo, first.number))?.title, first.title)
    assert.equal((await at.host.changes.findByHead(at.repo, first.head))?.number, first.number)
    assert.equal((await at.host.changes.list({ repo: at.repo, limit: 10 })).length, 1)
    assert.equal(await at.host.changes.find(at.repo, first.number + 1000), undefined)
    assert.equal(await at.host.changes.findByHead(at.repo, 'absent'), undefined)
  })

  promise('a branch that was never pushed cannot be proposed', async (_t, at) => {
    await at.create()
    await at.push({ file: 'old' })

    const proposing = at.propose({ key: 'k', head: 'absent' })

    await assert.rejects(proposing, { code: 'GIT_REF_INVALID' })
  })

  promise('a decision is recorded; the newer one of the same person on the same tree replaces it', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    const tree = (await at.host.files.tree(at.repo, head, '')) ?? ''
    const said = { tree, comment: '', valid: true, at: '2026-01-01T00:00:00.000Z' }

    await at.host.changes.review(at.repo, number, { ...said, by: 'dev2', decision: 'reject' })
    await at.host.changes.review(at.repo, number, { ...said, by: 'platform', decision: 'approve' })
    const change = await at.host.changes.review(at.repo, number, { ...said, by: 'dev2', decision: 'approve' })

    const decisions = change.approvals.map(({ by, decision }) => `${by} ${decision}`).sort()
    assert.deepEqual(decisions, ['dev2 approve', 'platform approve'])
    assert.deepEqual((await at.host.changes.find(at.repo, number))?.approvals.length, 2)
  })

  promise('a check shows on the change request of its commit and is replaced by name', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'new' })
    const check = { name: 'policy', summary: '', at: '2026-01-01T00:00:00.000Z' }

    await at.host.changes.check(at.repo, head, { ...check, state: 'pending' })
    const { number } = await propose('run-1')
    for (const state of ['pending', 'failure', 'pending', 'success'] as const)
      await at.host.changes.check(at.repo, head, { ...check, state, summary: '8 rules' })

    const checks = (await at.host.changes.find(at.repo, number))?.checks ?? []
    assert.deepEqual(
      checks.map(({ name, state, summary }) => [name, state, summary]),
      [['policy', 'success', '8 rules']],
    )
  })

  promise('new commits on the head branch move the change request along', async (_t, at) => {
    const { propose, branch } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')

    const newer = await at.push({ file: 'newer' }, { branch })

    assert.equal((await at.host.changes.find(at.repo, number))?.headCommit, newer)
    const [listed] = await at.host.changes.list({ repo: at.repo, state: 'open', limit: 1 })
    assert.equal(listed?.headCommit, newer)
  })

  promise('closing twice is closing once, and a closed one is not merged', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')

    await at.host.changes.close(at.repo, number, 'not needed')
    await at.host.changes.close(at.repo, number, 'again')

    assert.equal((await at.host.changes.find(at.repo, number))?.state, 'closed')
    await assert.rejects(at.merge(number, head), { code: 'CHANGE_CLOSED' })
    assert.equal((await propose('run-1')).state, 'closed')
  })

  promise('a head branch whose change request has ended may be proposed again under another key', async (_t, at) => {
    const { propose } = await at.branch({ file: 'new' })
    const first = await propose('run-1')
    await at.host.changes.close(at.repo, first.number, 'not needed')

    const second = await propose('run-2')

    assert.notEqual(second.number, first.number)
    assert.equal((await at.host.changes.findByHead(at.repo, first.head))?.number, second.number)
  })
}

/** Merging them. */
export function mergePromises(promise: Promised): void {
  promise(
    'a merge is one commit on the base with the given message, and repeating it gives the same one',
    async (_t, at) => {
      const { propose, base, head } = await at.branch({ file: 'new' })
      await at.push({ other: 'meanwhile' })
      const { number } = await propose('run-1')

      const merged = await at.merge(number, head, 'Deploy shop\n\nChange-Id: x#1\nRequested-by: dev')
      const again = await at.merge(number, head, 'Another message')

      assert.deepEqual([merged.state, again.mergeCommit], ['merged', merged.mergeCommit])
      assert.equal(await at.host.files.resolve(at.repo, 'main'), merged.mergeCommit)
      const [commit, before, oldest] = await at.host.files.history(at.repo, { ref: 'main', limit: 10 })
      assert.equal(oldest?.commit, base)
      assert.deepEqual([commit?.subject, commit?.parents], ['Deploy shop', [before?.commit]])
      assert.deepEqual(commit?.trailers, [['Change-Id', 'x#1'], ['Requested-by', 'dev']]) // biome-ignore format: one thought
      assert.equal(commit?.author, 'dev')
      assert.equal(await at.host.files.read(at.repo, 'main', 'file'), 'new')
      assert.equal(await at.host.files.read(at.repo, 'main', 'other'), 'meanwhile')
      assert.deepEqual([merged.mergedBy, typeof merged.mergedAt], ['fairway', 'string'])
    },
  )

  promise('a merge is refused when the head is not the one that was looked at', async (_t, at) => {
    const { propose, branch, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    await at.push({ file: 'newer' }, { branch })

    await assert.rejects(at.merge(number, head), { code: 'CONFLICT' })
    assert.equal((await at.host.changes.find(at.repo, number))?.state, 'open')
  })

  promise('a merge that no longer applies names the paths and changes nothing', async (_t, at) => {
    const { propose, head } = await at.branch({ file: 'theirs' })
    const { number } = await propose('run-1')
    const main = await at.push({ file: 'ours' })

    const merging = at.merge(number, head)

    await assert.rejects(merging, (error: { code: string; message: string }) => {
      assert.equal(error.code, 'MERGE_CONFLICT')
      assert.match(error.message, /file/)
      return true
    })
    assert.equal(await at.host.files.resolve(at.repo, 'main'), main)
    assert.equal((await at.host.changes.find(at.repo, number))?.state, 'open')
  })

  promise('of two merges at once both land and no change is lost', async (_t, at) => {
    const one = await at.branch({ one: '1' }, 'first')
    const two = await at.branch({ two: '2' }, 'second')
    const numbers = [(await one.propose('k1')).number, (await two.propose('k2')).number]

    await Promise.all([at.merge(numbers[0] ?? 0, one.head), at.merge(numbers[1] ?? 0, two.head)])

    const files = await at.host.files.list(at.repo, 'main')
    assert.deepEqual(
      files.filter((path) => path !== 'file'),
      ['one', 'two'],
    )
  })
}
