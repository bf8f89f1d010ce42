import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { pushRefs } from '#lib/git/remote.ts'
import { resolve } from '#lib/git/commits.ts'
import { place } from '#ports/git-host-place.contract.ts'
import { checkout } from '#ports/git-host-clone.contract.ts'
import { cuttingProxy } from '../../../../testing/cutting-proxy.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { type LabGitea, labGitea, labOwner } from '../../../../testing/lab-gitea.ts'
import { checkConnection } from './check-connection.ts'
import { gitea } from './gitea.ts'

const { skip, facts } = await labFacts('gitea')

describe('faults of Gitea', { skip, concurrency: 3 }, () => {
  let lab: LabGitea
  before(async () => void (lab = await labGitea()))
  after(() => lab.close())

  const placeOf = (t: TestContext, host = lab.gitea.host) =>
    place(t, { host, owner: labOwner, team: 'team-a', userRemote: lab.remoteOf })

  /** The adapter behind a proxy that loses the first answer that looks like this, or answers such a request, once it is told to. */
  async function losing(t: TestContext) {
    const proxy = await cuttingProxy(t, Number(new URL(lab.options.url).port))
    const host = gitea({ ...lab.options, url: `http://127.0.0.1:${proxy.port}` }, lab.needs).host
    const lose = (pattern: RegExp, asked = /./) => {
      let left = 1
      proxy.cut((answer, request) => asked.test(request) && pattern.test(answer.toString('latin1')) && left-- > 0)
    }
    return { host, lose, proxy }
  }

  test('a repository whose answer was lost is adopted: there is one', async (t) => {
    const { host, lose, proxy } = await losing(t)
    const at = await placeOf(t, host)
    lose(/^HTTP\/1.1 201/)

    await assert.rejects(at.create(), { code: 'PRODUCT_UNREACHABLE' })
    await at.create()

    assert.equal(proxy.lost(), 1)
    assert.equal((await host.repositories.find(at.repo))?.marker, 'contract')
    await assert.rejects(host.repositories.create({ repo: at.repo, description: '', marker: 'another', teams: [] }), {
      code: 'NAME_TAKEN',
    })
  })

  test('ten who make one repository at once have one, protected, and none of them is refused', async (t) => {
    const at = await placeOf(t)
    const hosts = Array.from({ length: 10 }, () => gitea(lab.options, lab.needs).host)

    const made = await Promise.all(
      hosts.map(({ repositories }) =>
        repositories.create({ repo: at.repo, description: '', marker: 'contract', teams: [at.team] }),
      ),
    )

    assert.deepEqual(new Set(made.map(({ marker }) => marker)), new Set(['contract']))
    const path = `/repos/${at.repo.owner}/${at.repo.name}/branch_protections`
    const rules = (await (await lab.api('admin', `GET ${path}`)).json()) as { rule_name: string }[]
    assert.deepEqual(rules.map(({ rule_name }) => rule_name), ['main']) // biome-ignore format: one thought
  })

  test('a pull request whose answer was lost is adopted with its key and author: there is one', async (t) => {
    const { host, lose, proxy } = await losing(t)
    const at = await placeOf(t, host)
    const { propose } = await at.branch({ file: 'new' })
    lose(/^HTTP\/1.1 201/, /^POST \S+\/pulls /)

    await assert.rejects(propose('run-1'), { code: 'PRODUCT_UNREACHABLE' })
    const adopted = await propose('run-1')

    assert.equal(proxy.lost(), 1)
    assert.equal(adopted.author, 'dev')
    assert.deepEqual((await host.changes.list({ repo: at.repo, limit: 10 })).map(({ number }) => number), [adopted.number]) // biome-ignore format: one thought
  })

  test('a merge whose answer was lost, at the push or after it, is one commit and one merge', async (t) => {
    for (const pattern of [
      /^HTTP\/1.1 200 OK[^]*report-status|unpack ok/,
      /^HTTP\/1.1 200 OK\r\n[^]*Content-Length: 0/i,
    ]) {
      const { host, lose, proxy } = await losing(t)
      const at = await placeOf(t, host)
      const { propose, base, head } = await at.branch({ file: 'new' })
      const { number } = await propose('run-1')
      lose(pattern)

      const first = await at.merge(number, head, 'Deploy shop\n\nChange-Id: x').catch(() => undefined)
      const merged = await at.merge(number, head, 'Deploy shop\n\nChange-Id: x')

      assert.equal(proxy.lost(), 1, String(pattern))
      if (first) assert.equal(first.mergeCommit, merged.mergeCommit)
      const commits = await host.files.history(at.repo, { ref: 'main', limit: 10 })
      assert.deepEqual(commits.map(({ commit }) => commit), [merged.mergeCommit, base]) // biome-ignore format: one thought
      assert.equal((await host.changes.find(at.repo, number))?.state, 'merged')
    }
  })

  test('a refused push has the reason of Gitea, and one that is behind is CONFLICT', async (t) => {
    const at = await placeOf(t)
    await at.create()
    const first = await at.push({ file: '1' })
    const clone = await checkout(t, lab.remoteOf('dev', at.repo))
    const commit = await clone.commit({ file: '2' })
    const folder = (await clone.git('rev-parse', '--absolute-git-dir')).output.trim()
    const remote = await at.host.remote(at.repo)

    const refused = pushRefs({ dir: folder }, lab.remoteOf('dev', at.repo), [{ commit, to: 'refs/heads/main' }])
    await assert.rejects(refused, { code: 'PUSH_REFUSED', message: /main/ })
    await at.push({ file: '3' })
    await assert.rejects(pushRefs({ dir: folder }, remote, [{ commit, to: 'refs/heads/main' }]), { code: 'CONFLICT' })
    assert.equal(await resolve({ dir: folder }, 'refs/remotes/origin/main'), first)
  })

  test('a token that was revoked is said, and the new one in its file is used without a restart', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairway-token-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'token')
    const put = async (scopes: readonly string[]) => {
      const name = `fault-${randomBytes(4).toString('hex')}`
      const made = await lab.api(bot, `POST /users/${bot}/tokens`, { name, scopes })
      const { sha1 } = (await made.json()) as { sha1: string }
      await writeFile(file, sha1)
      await chmod(file, 0o600)
      return name
    }
    const bot = facts['user'] ?? ''
    const all = ['write:organization', 'write:repository', 'read:user', 'read:issue']
    const first = await put(all)
    const options = { ...lab.options, token: { fromFile: file } }
    const { host } = gitea(options, lab.needs)
    const at = await placeOf(t, host)
    await at.create()

    await lab.api(bot, `DELETE /users/${bot}/tokens/${first}`)
    await assert.rejects(host.repositories.find(at.repo), { code: 'PRODUCT_UNAUTHORISED' })
    await assert.rejects(host.repositories.archive(at.repo, 'no'), { code: 'PRODUCT_UNAUTHORISED' })
    await put(all)
    assert.equal((await host.repositories.find(at.repo))?.marker, 'contract')

    await put(['read:repository', 'read:user'])
    const refused = host.repositories.archive(at.repo, 'no')
    await assert.rejects(refused, (error: Error & { code: string }) => {
      assert.equal(error.code, 'PRODUCT_FORBIDDEN')
      assert.match(error.message, /lacks write:repository/)
      return true
    })
    const missing = (await checkConnection(options)).filter(({ state }) => state === 'missing')
    assert.deepEqual(
      missing.map(({ hint }) => hint),
      [
        'give the token write:repository',
        'give the token write:organization',
        'give the token read:user and read:organization',
        'give the token read:issue',
      ],
    )
  })

  test('the connection check finds everything it needs with the scopes of the documentation, and says a wrong token', async () => {
    assert.deepEqual((await checkConnection(lab.options)).filter(({ state }) => state !== 'ok'), []) // biome-ignore format: one thought

    process.env['FAIRWAY_LAB_WRONG'] = 'f'.repeat(40)
    const [first] = await checkConnection({ ...lab.options, token: { fromEnv: 'FAIRWAY_LAB_WRONG' } })
    assert.deepEqual([first?.check, first?.state], ['sign in', 'missing'])
    assert.doesNotMatch(JSON.stringify(first), /ffff/)
  })

  test('while Gitea is away nothing is known, and when it is back nothing was lost', async (t) => {
    const { host, proxy } = await losing(t)
    const at = await placeOf(t, host)
    const { propose, head } = await at.branch({ file: 'new' })
    const { number } = await propose('run-1')

    proxy.cut(() => true)
    await assert.rejects(host.files.resolve(at.repo, 'main'), { code: 'PRODUCT_UNREACHABLE' })
    await assert.rejects(host.files.read(at.repo, 'main', 'file'), { code: 'PRODUCT_UNREACHABLE' })
    await assert.rejects(at.merge(number, head), { code: 'PRODUCT_UNREACHABLE' })
    proxy.cut(() => false)

    assert.equal((await at.merge(number, head)).state, 'merged')
  })
})
