import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BuildResult, Ci, PipelineLine } from './ci.ts'
import type { RepoRef } from '#model/names.ts'

/** A CI, and the commits of a repository it can reach: two that pass and hand over the same folder, one whose step fails, one without a pipeline. */
export interface CiUnderTest {
  readonly ci: Ci
  readonly repo: RepoRef
  readonly commits: { readonly passing: string; readonly same: string; readonly failing: string; readonly bare: string }
}

const told = /^sha256:[0-9a-f]{64}$/

/** What every CI promises. */
export function describeCi(product: string, make: (t: TestContext) => Promise<CiUnderTest>): void {
  const promise = (what: string, check: (under: CiUnderTest) => Promise<void>) =>
    void test(`${product}: ${what}`, async (t) => check(await make(t)))

  promise('a commit that passes hands over a folder by digest', async (under) => {
    const { result } = await build(under, 'passing')

    assert.equal(result.state, 'success')
    assert.match(result.output?.digest ?? '', told)
    assert.ok((result.output?.entry.length ?? 0) > 0)
    assert.equal(result.failure, undefined)
  })

  promise('a build that succeeded for a key is given back without running again', async (under) => {
    const first = await build(under, 'passing')
    const again = await build(under, 'passing')

    assert.deepEqual(again.result, first.result)
    assert.deepEqual(again.lines, [])
  })

  promise('a failing step is a result that names it, and the steps behind it are skipped', async (under) => {
    const { result } = await build(under, 'failing')

    assert.equal(result.state, 'failure')
    assert.equal(result.output, undefined)
    const failed = result.steps.findIndex(({ state }) => state === 'failure')
    assert.equal(result.steps[failed]?.name, result.failure?.step)
    assert.ok(result.steps.slice(failed + 1).every(({ state }) => state === 'skipped'))
  })

  promise('a failed build runs again under the same key', async (under) => {
    await build(under, 'failing')

    assert.notDeepEqual((await build(under, 'failing')).lines, [])
  })

  promise('a commit without a pipeline is PIPELINE_INVALID', async (under) => {
    await assert.rejects(build(under, 'bare'), { code: 'PIPELINE_INVALID' })
  })

  promise('a build that was called off before it began does not run', async (under) => {
    await assert.rejects(build(under, 'passing', AbortSignal.abort(new Error('called off'))))
  })

  promise('the same folder becomes the same image, whoever publishes it and however often', async (under) => {
    const outputs = [await build(under, 'passing'), await build(under, 'same')].map(({ result }) => result.output)
    const images = await Promise.all(outputs.map((output, at) => publish(under, `run-${at}`, output)))
    const again = await publish(under, 'run-0', outputs[0])

    assert.match(again.digest, told)
    assert.deepEqual(images, [again, again])
  })
}

async function build(
  { ci, repo, commits }: CiUnderTest,
  which: keyof CiUnderTest['commits'],
  signal = new AbortController().signal,
): Promise<{ result: BuildResult; lines: PipelineLine[] }> {
  const lines: PipelineLine[] = []
  const request = { key: `${which}:build`, repo, commit: commits[which], service: repo.name }
  return { result: await ci.build(request, (line) => lines.push(line), signal), lines }
}

function publish({ ci, repo, commits }: CiUnderTest, key: string, output: BuildResult['output']) {
  assert.ok(output)
  const about = { service: repo.name, owner: repo.owner, version: '1.0.0', committedAt: '2026-01-01T00:00:00Z' }
  return ci.publish({ key, ...about, commit: commits.passing, output }, new AbortController().signal)
}
