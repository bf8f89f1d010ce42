import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { apiAs, type CliResult, fairway, fairwayProgram } from '../../testing/cli.ts'
import { startPlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { type Refusal, refusals } from './bad-input/refusals.ts'
import { chapter, push, releaseRunOf, shopAnswers, type Story, tell } from './first-service/story.ts'

test('whatever is wrong gets one clear error, and nothing that was there is lost', async (t) => {
  const platform = await startPlatform(t)
  const story = tell(platform, { clone: join(platform.data, '../shop'), api: await apiAs(platform, 'dev') })
  await story.cli('login', '--as', 'dev')
  const made = await story.cli('new', '--template', 'http-api', '--name', 'shop', '--owner', 'team-a', '--wait')
  assert.equal(made.exit, 0, made.stderr)

  await refusedCommands(t, story)
  await quotedAnswers(t, story)
  await refusedStarts(t, platform)
  await refusedPushes(t, story)
  await killedCommandLine(t, story)
})

async function refusedCommands(t: TestContext, story: Story): Promise<void> {
  const before = await everything(story)
  for (const refusal of refusals) {
    await t.test(`${refusal.title}: ${refusal.code}`, async () => {
      assertRefused(await fairway(story.platform, refusal.argv, { env: refusal.env ?? {} }), refusal)
    })
  }
  await chapter(t, 'no refused command left a run, a repository or a catalog entry', async () => {
    assert.deepEqual(await everything(story), before)
  })
}

function assertRefused({ exit, stdout, stderr, code }: CliResult, refusal: Refusal): void {
  assert.deepEqual([exit, code], [refusal.exit, refusal.code], stderr)
  assert.match(stderr, refusal.says)
  assert.doesNotMatch(stderr, /\n\s+at .*\.ts:\d+/)
  if (refusal.argv.includes('--json'))
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, refusal.code)
}

async function quotedAnswers(t: TestContext, { cli }: Story): Promise<void> {
  await chapter(t, 'quotes, dollars and backslashes in an answer arrive as they were typed', async () => {
    const greeting = `It's "fine": #1 \\n $HOME $\{x} & <b>`
    const argv = [
      'new',
      '--template',
      'http-api',
      '--name',
      'quoted',
      '--owner',
      'team-a',
      '--set',
      `greeting=${greeting}`,
    ]
    const preview = await cli(...argv, '--dry-run', '--json')

    assert.equal(preview.exit, 0, preview.stderr)
    const { files } = preview.json<{ preview: { files: { path: string; content: string }[] } }>().preview
    const score = parse(files.find(({ path }) => path === 'score.yaml')?.content ?? '') as {
      containers: { app: { variables: { GREETING: string } } }
    }
    // Score doubles a dollar that is text, and takes it back when it reads.
    assert.equal(score.containers.app.variables.GREETING.replaceAll('$$', '$'), greeting)
  })
}

async function refusedStarts(t: TestContext, platform: TestPlatform): Promise<void> {
  await chapter(
    t,
    'a taken port ends the start with 6 and the setting to change, and leaves nothing running',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1')
      await once(taken, 'listening')
      const { port } = taken.address() as AddressInfo
      const data = `${platform.data}-second`

      for (const name of ['FAIRWAY_PORT', 'FAIRWAY_GATEWAY_PORT']) {
        const env = { FAIRWAY_DATA: data, FAIRWAY_PORT: '0', FAIRWAY_GATEWAY_PORT: '0', [name]: String(port) }
        const { exit, code, stderr } = await fairway(platform, ['up', '--no-open'], { env })
        assert.deepEqual([exit, code], [6, 'PORT_TAKEN'], stderr)
        assert.match(stderr, new RegExp(name))
      }
      taken.close()
      const down = await fairway(platform, ['down', '--json'], { env: { FAIRWAY_DATA: data } })
      assert.deepEqual(down.json<{ stopped: string[] }>().stopped, [])
    },
  )
}

async function refusedPushes(t: TestContext, story: Story): Promise<void> {
  const { cli, clone, git } = story
  await cli('clone', 'shop', clone)
  const broken = [
    {
      file: 'score.yaml',
      from: 'targetPort: 8080',
      to: 'targetPort: many',
      code: 'SCORE_INVALID',
      exit: 2,
      says: /targetPort/,
    },
    {
      file: 'catalog-info.yaml',
      from: 'kind: Component',
      to: 'kind: Komponent',
      code: 'CATALOG_INFO_INVALID',
      exit: 2,
      says: /kind/,
    },
    {
      file: 'src/app.ts',
      from: "status: 'ok'",
      to: 'status: nowhere',
      code: 'PIPELINE_FAILED',
      exit: 1,
      says: /typecheck/,
    },
  ]
  for (const { file, from, to, code, exit, says } of broken) {
    await chapter(
      t,
      `a push with a broken ${file} fails its run with ${code}, and the old version keeps answering`,
      async () => {
        const good = await readFile(join(clone, file), 'utf8')
        assert.ok(good.includes(from))
        await writeFile(join(clone, file), good.replace(from, to))
        const run = await releaseRunOf(story, await push(story, `Break ${file}`))
        const watched = await cli('run', 'watch', run.id)
        await writeFile(join(clone, file), good)

        assert.equal(run.error?.code, code, JSON.stringify(run.error))
        assert.match(run.error?.detail ?? '', says)
        assert.equal(watched.exit, exit)
        assert.equal((await shopAnswers(story, 'dev')).status, 200)
      },
    )
  }
  await chapter(t, 'a push that would rewrite main is refused with the line to use instead', async () => {
    await git('commit', '--quiet', '--amend', '--all', '--message', 'Another past')
    const pushed = await git('push', '--force', 'origin', 'HEAD:main')

    assert.notEqual(pushed.exit, 0)
    assert.match(pushed.stderr, /main only moves forward: fetch, rebase/)
    await git('reset', '--quiet', '--soft', 'origin/main')
  })
  await chapter(t, 'the repaired code goes through as if nothing had happened', async () => {
    const run = await releaseRunOf(story, await push(story, 'Mend it'))

    assert.equal(run.state, 'succeeded', JSON.stringify(run.error))
    assert.equal((await cli('status', 'shop')).exit, 0)
  })
}

async function killedCommandLine(t: TestContext, { cli, platform }: Story): Promise<void> {
  await chapter(
    t,
    'a command line that is killed behind its request leaves the run alone; any other can watch it',
    async () => {
      const argv = ['promote', 'shop', '--to', 'staging', '--wait']
      const child = spawn(fairwayProgram, argv, { cwd: '/', env: platform.env, detached: true, stdio: 'pipe' })
      let words = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text))
      const run = await waitUntil(() => /run (\w+)/.exec(words)?.[1], { what: 'the run to be named', ms: 30_000 })
      process.kill(-(child.pid ?? 0), 'SIGKILL')
      await once(child, 'close')

      assert.equal(child.signalCode, 'SIGKILL')
      const watched = await cli('run', 'watch', run, '--json')
      assert.equal(watched.exit, 0, watched.stderr)
      assert.equal(watched.json<{ run: { state: string } }>().run.state, 'succeeded')
    },
  )
}

/** Runs, services and repositories, as the API and the disk have them. */
async function everything({ api, platform }: Story): Promise<unknown> {
  const { data: runs } = await api.GET('/api/v1/runs')
  const { data: services } = await api.GET('/api/v1/services')
  return {
    runs: runs?.items.map(({ id, state }) => `${id} ${state}`),
    services: services?.items.map(({ name }) => name),
    repositories: await readdir(join(platform.data, 'git/team-a')),
  }
}
