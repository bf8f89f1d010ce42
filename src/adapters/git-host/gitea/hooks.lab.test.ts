import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { after, before, describe, type TestContext, test } from 'node:test'
import { codeOf } from '#errors/platform-error.ts'
import type { GitHostEvent } from '#ports/git-host.ts'
import { checkout } from '#ports/git-host-clone.contract.ts'
import { place } from '#ports/git-host-place.contract.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { type LabGitea, labGitea, labOwner } from '../../../../testing/lab-gitea.ts'
import { waitUntil } from '../../../../testing/wait-until.ts'

const { skip } = await labFacts('gitea')

describe('hooks and people of Gitea', { skip }, () => {
  let lab: LabGitea
  before(async () => void (lab = await labGitea()))
  after(() => lab.close())

  const placeOf = (t: TestContext) =>
    place(t, { host: lab.gitea.host, owner: labOwner, team: 'team-a', userRemote: lab.remoteOf })

  function heard(t: TestContext): GitHostEvent[] {
    const events: GitHostEvent[] = []
    t.after(lab.gitea.host.onEvent((event) => events.push(event)))
    return events
  }

  async function deliver(
    body: string,
    { id = randomUUID(), secret = lab.hookSecret, event = 'push', to = lab.hookUrl } = {},
  ) {
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const headers = { 'x-gitea-signature': signature, 'x-gitea-event': event, 'x-gitea-delivery': id }
    return (await fetch(to, { method: 'POST', body, headers })).status
  }

  /** A repository with three commits on main that no hook of ours has told of yet. */
  async function pushed(t: TestContext) {
    const at = await placeOf(t)
    await at.create()
    const commits = [await at.push({ file: '1' }), await at.push({ file: '2' }), await at.push({ file: '3' })]
    const body = (from: number, to: number, salt = '') =>
      JSON.stringify({
        ref: 'refs/heads/main',
        before: commits[from],
        after: commits[to],
        salt,
        repository: { name: at.repo.name, owner: { login: at.repo.owner } },
        pusher: { login: 'dev' },
      })
    return { at, commits, body }
  }

  const ofDev = (events: GitHostEvent[]) => events.filter((event) => event.type === 'push' && event.actor === 'dev')

  test('a hook without the right signature of its very body changes nothing', async (t) => {
    const { body } = await pushed(t)
    const events = heard(t)

    assert.equal(await deliver(body(0, 2), { secret: 'another secret' }), 401)
    const tampered = await fetch(lab.hookUrl, {
      method: 'POST',
      body: body(0, 1),
      headers: {
        'x-gitea-event': 'push',
        'x-gitea-signature': createHmac('sha256', lab.hookSecret).update(body(0, 2)).digest('hex'),
      },
    })
    assert.equal(tampered.status, 401)
    assert.equal((await fetch(lab.hookUrl, { method: 'POST', body: body(0, 2) })).status, 401)
    assert.equal(await deliver('x'.repeat(5_000_000)), 413)
    await lab.gitea.settled()
    assert.deepEqual(ofDev(events), [])
  })

  test('of a hundred copies, with the same id or a new one, the first is told', async (t) => {
    const { body } = await pushed(t)
    const events = heard(t)
    const id = randomUUID()

    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => deliver(body(0, 1), at % 2 ? { id } : {})))
    await lab.gitea.settled()

    assert.deepEqual(new Set(answers), new Set([202]))
    assert.equal(ofDev(events).length, 1)
  })

  test('whatever the order and however late, only what the branch really holds is told', async (t) => {
    const { at, commits, body } = await pushed(t)
    const clone = await checkout(t, await at.host.remote(at.repo))
    const lost = await clone.commit({ file: 'never pushed' })
    const events = heard(t)

    await deliver(body(1, 2, 'second'))
    await deliver(body(0, 1, 'first, late'))
    await deliver(body(0, 2, 'x').replaceAll(commits[2] ?? '', lost))
    await deliver(body(0, 1, 'elsewhere').replace(at.repo.name, 'no-such-repository'))
    await lab.gitea.settled()

    const told = ofDev(events).map((event) => event.type === 'push' && event.after)
    assert.deepEqual(told, [commits[2], commits[1]])
    assert.equal(await at.host.files.resolve(at.repo, 'main'), commits[2])
  })

  test('one organisation has one hook here, whoever opens it again', async (t) => {
    const again = await labGitea(
      { hookUrl: lab.hookUrl.replace('/hooks/gitea', ''), hookSecret: lab.options.hookSecret },
      { seenBefore: lab.needs.seenBefore },
    )
    t.after(() => again.close())
    for (const { gitea } of [lab, again])
      await gitea.host.repositories.create({
        repo: { owner: labOwner, name: `hook-${randomUUID().slice(0, 8)}` },
        description: '',
        marker: 'x',
        teams: [],
      })

    const hooks = (await (await lab.api('admin', `GET /orgs/${labOwner}/hooks?limit=50`)).json()) as Hook[]

    assert.equal(hooks.filter(({ config }) => config.url.startsWith(`${lab.hookUrl}?`)).length, 1)
    assert.doesNotMatch(JSON.stringify(hooks), new RegExp(lab.hookSecret))
  })

  test('over a change of the secret no push is lost: the old one counts until Gitea has the new one', async (t) => {
    const names = { now: `HOOK_NOW_${Date.now()}`, before: `HOOK_BEFORE_${Date.now()}` }
    t.after(() => [names.now, names.before].forEach((name) => delete process.env[name]))
    process.env[names.now] = process.env[names.before] = 'a'.repeat(32)
    const sources = { hookSecret: { fromEnv: names.now }, previousHookSecret: { fromEnv: names.before } }
    const changing = await labGitea(sources)
    t.after(() => changing.close())
    const { host } = changing.gitea
    const at = await place(t, { host, owner: labOwner, team: 'team-a', userRemote: lab.remoteOf })
    const told: string[] = []
    t.after(host.onEvent((event) => event.type === 'push' && told.push(event.after)))
    const pushAndHear = async (text: string) => {
      const commit = await at.push({ file: text })
      await waitUntil(() => told.includes(commit), { what: `the hook of ${text}`, ms: 30_000, everyMs: 50 })
    }
    const statusOf = (secret: string) => deliver('{}', { secret, to: changing.hookUrl })
    await at.create()
    await pushAndHear('before')

    process.env[names.now] = 'b'.repeat(32)
    await pushAndHear('signed with the old one')
    await pushAndHear('signed with either')
    assert.deepEqual([await statusOf('a'.repeat(32)), await statusOf('b'.repeat(32))], [202, 202])
    await changing.gitea.settled()
    delete process.env[names.before]
    await pushAndHear('signed with the new one')
    assert.equal(await statusOf('a'.repeat(32)), 401)
    assert.deepEqual(changing.failures.map(codeOf), [])
  })

  test('what a person decides on Gitea is an approval bound to the commit, until it is dismissed', async (t) => {
    const at = await placeOf(t)
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    const path = `/repos/${at.repo.owner}/${at.repo.name}/pulls/${number}/reviews`
    const events = heard(t)

    const review = { event: 'APPROVED', body: 'fine', commit_id: head }
    const { id } = (await (await lab.api('dev2', `POST ${path}`, review)).json()) as { id: number }
    const [approval, ...more] = (await at.host.changes.find(at.repo, number))?.approvals ?? []

    assert.deepEqual(more, [])
    assert.deepEqual([approval?.by, approval?.decision, approval?.commit, approval?.comment], ['dev2', 'approve', head, 'fine']) // biome-ignore format: one thought
    assert.equal(approval?.tree, await at.host.files.tree(at.repo, head, ''))
    await waitUntil(() => events.some((event) => event.type === 'change' && event.number === number), {
      what: 'the hook of the review',
      ms: 15_000,
      everyMs: 50,
    })
    await lab.api('admin', `POST ${path}/${id}/dismissals`, { message: 'no' })
    assert.deepEqual((await at.host.changes.find(at.repo, number))?.approvals, [])
  })

  test('a status that somebody else sets under our name is no check, and nobody but the platform merges', async (t) => {
    const at = await placeOf(t)
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    const repo = `/repos/${at.repo.owner}/${at.repo.name}`

    const status = { context: 'fairway/approval', state: 'success', description: 'trust me' }
    const set = await lab.api('dev', `POST ${repo}/statuses/${head}`, status)
    const merge = await lab.api('dev', `POST ${repo}/pulls/${number}/merge`, { Do: 'merge' })

    assert.equal(set.status, 201)
    assert.deepEqual((await at.host.changes.find(at.repo, number))?.checks, [])
    assert.equal(merge.status, 405)
  })

  test('what a change request is cannot be edited on Gitea: its author and its approvals are kept where only the platform writes', async (t) => {
    const at = await placeOf(t)
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')
    const tree = (await at.host.files.tree(at.repo, head, '')) ?? ''
    const said = {
      by: 'dev2',
      decision: 'reject' as const,
      tree,
      comment: '',
      at: new Date().toISOString(),
      valid: true,
    }
    await at.host.changes.review(at.repo, number, said)

    const read = await lab.api('dev', 'GET /repos/fairway/change-records')
    const edit = await lab.api('dev', `PATCH /repos/${at.repo.owner}/${at.repo.name}/pulls/${number}`, {
      body: 'author: dev2',
    })

    assert.equal(read.status, 404)
    assert.equal(edit.status, 201)
    const change = await at.host.changes.find(at.repo, number)
    assert.deepEqual([change?.author, change?.approvals.map(({ decision }) => decision)], ['dev', ['reject']])
  })
})

interface Hook {
  readonly config: { readonly url: string }
}
