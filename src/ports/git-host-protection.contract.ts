import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { GitHostEvent } from './git-host.ts'
import { checkout } from './git-host-clone.contract.ts'
import type { Promised } from './git-host-place.contract.ts'

/** Who may push what, and what is told of it. */
export function protectionPromises(promise: Promised): void {
  promise('nobody rewrites or deletes the default branch, not even the platform', async (t, at) => {
    await at.create()
    const main = await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const platform = await checkout(t, await at.host.remote(at.repo))

    for (const clone of [dev, platform]) {
      await clone.commit({ file: 'rewritten' }, { amend: true })
      assert.notEqual((await clone.git('push', '--force', 'origin', 'HEAD:refs/heads/main')).code, 0)
      assert.notEqual((await clone.git('push', 'origin', ':refs/heads/main')).code, 0)
    }
    assert.equal(await at.host.files.resolve(at.repo, 'main'), main)
  })

  promise('members of the owning team push; others are told why not', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const outsider = await checkout(t, at.userRemote('outsider', at.repo))
    const before = await at.host.files.resolve(at.repo, 'main')
    await outsider.commit({ file: 'outside' })

    const refused = await outsider.git('push', 'origin', 'HEAD:refs/heads/main')
    const commit = await dev.commit({ file: '2' })
    const taken = await dev.git('push', 'origin', 'HEAD:refs/heads/main')

    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /remote: /)
    assert.notEqual(before, commit)
    assert.equal(taken.code, 0, taken.output)
    assert.equal(await at.host.files.resolve(at.repo, 'main'), commit)
  })

  promise('where only change requests are taken, a push is refused with the line to use instead', async (t, at) => {
    await at.create()
    const main = await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, {
      pushBy: 'change',
      teams: [at.team],
      refusal: 'use: fairway change open',
    })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const commit = await dev.commit({ file: '2' })

    const refused = await dev.git('push', 'origin', 'HEAD:refs/heads/main')
    const branched = await dev.git('push', 'origin', 'HEAD:refs/heads/topic')
    const change = await at.propose({ key: 'dev-topic', head: 'topic' })
    const merged = await at.merge(change.number, commit)

    assert.notEqual(refused.code, 0)
    assert.match(refused.output, at.host.can.ownRefusals ? /use: fairway change open/ : /remote: .*main/)
    assert.equal(branched.code, 0, branched.output)
    assert.notEqual(merged.mergeCommit, main)
    assert.equal(await at.host.files.read(at.repo, 'main', 'file'), '2')
  })

  promise('where only the platform writes, a person is refused and the platform is not', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'platform', teams: [] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    await dev.commit({ file: 'direct' })

    const refused = await dev.git('push', 'origin', 'HEAD:refs/heads/main')
    const pushed = await at.push({ file: '2' })

    assert.notEqual(refused.code, 0)
    assert.equal(await at.host.files.resolve(at.repo, 'main'), pushed)
  })

  promise('a closed branch is moved by the platform alone, and only forward', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'change', teams: [at.team], closed: ['heads'] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const platform = await checkout(t, await at.host.remote(at.repo))
    const first = await platform.commit({ head: '1' })

    const made = await platform.git('push', 'origin', 'HEAD:refs/heads/heads')
    const moved = await dev.git('push', '--force', 'origin', 'HEAD:refs/heads/heads')
    const gone = await dev.git('push', 'origin', ':refs/heads/heads')
    await platform.commit({ head: 'other' }, { amend: true })
    const rewritten = await platform.git('push', '--force', 'origin', 'HEAD:refs/heads/heads')

    assert.equal(made.code, 0, made.output)
    assert.match(moved.output, /remote: /)
    for (const refused of [moved, gone, rewritten]) assert.notEqual(refused.code, 0)
    assert.equal(await at.host.files.resolve(at.repo, 'refs/heads/heads'), first)
  })

  promise('a push is told to listeners with the person who pushed, a refused one is not', async (t, at) => {
    await at.create()
    const before = await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const dev = await checkout(t, at.userRemote('dev', at.repo))
    const heard: GitHostEvent[] = []
    t.after(at.host.onEvent((event) => heard.push(event)))

    const after = await dev.commit({ file: '2' })
    await dev.git('push', 'origin', 'HEAD:refs/heads/main')
    await dev.commit({ file: '3' }, { amend: true })
    await dev.git('push', '--force', 'origin', 'HEAD:refs/heads/main')

    if (!at.host.can.pushEvents) return
    const pushed = () => heard.filter((event) => event.type === 'push' && event.repo.name === at.repo.name)
    for (let turn = 0; turn < 200 && !pushed().some((event) => event.type === 'push' && event.after === after); turn++)
      await pause(50) // a product tells a moment later
    const told = pushed().filter((event) => event.type === 'push' && event.actor === 'dev')
    assert.deepEqual(told, [{ type: 'push', repo: at.repo, ref: 'refs/heads/main', before, after, actor: 'dev' }])
  })

  promise('of two pushes at once exactly one lands', async (t, at) => {
    await at.create()
    await at.push({ file: '1' })
    await at.host.repositories.protect(at.repo, { pushBy: 'team', teams: [at.team] })
    const people = ['dev', 'dev2'] as const
    const clones = await Promise.all(people.map((person) => checkout(t, at.userRemote(person, at.repo))))
    const commits = await Promise.all(clones.map((clone, index) => clone.commit({ file: `by ${index}` })))

    const results = await Promise.all(clones.map((clone) => clone.git('push', 'origin', 'HEAD:refs/heads/main')))

    const landed = commits.filter((_, index) => results[index]?.code === 0)
    assert.deepEqual(landed, [await at.host.files.resolve(at.repo, 'main')])
  })
}
