import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import { detectIsolation, type Isolation } from '#lib/isolation.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import type { PipelineLine } from '#ports/ci.ts'
import { localArtifacts } from '../src/adapters/artifacts/local/local.ts'
import { type LocalCiOptions, localCi } from '../src/adapters/ci/local/local.ts'
import { startGitServer } from './git-server.ts'

export const ciRepo = { owner: 'team-a', name: 'shop' }

export interface CiSettings {
  /** Without bwrap, as on a machine that does not have it. */
  readonly hidden?: boolean
  readonly stepTimeoutMs?: number
  readonly diskLimits?: LocalCiOptions['diskLimits']
  /** Instead of what this machine has. */
  readonly isolation?: Isolation
  readonly baseCache?: string
}

/** The embedded CI on a data folder of its own, with a real Git server to build from. */
export async function startLocalCi(
  t: Pick<TestContext, 'after'>,
  { hidden = false, isolation: given, ...more }: CiSettings = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-ci-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o711)
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o710 })
  await writeFile(join(data, 'login-key'), 'login-canary', { mode: 0o644 })
  const isolation = given ?? (await detectIsolation({ place: data, ...(hidden && { path: '/nonexistent' }) }))
  const workRoot = await openWorkRoot(data, isolation, join(folder, 'state'))
  const artifacts = localArtifacts({ folder: join(data, 'artifacts') })
  const server = await startGitServer(t)
  const options: LocalCiOptions = { workRoot, isolation, artifacts, gitRemote: async () => server.remote, ...more }
  const ci = localCi(options)
  await ci.ready()
  const build = async (commit: string, key = 'run:build') => {
    const lines: PipelineLine[] = []
    const request = { key, repo: ciRepo, commit, service: 'shop' }
    const result = await ci.build(request, (line) => lines.push(line), new AbortController().signal)
    return { result, lines }
  }
  return { ci, folder, data, options, artifacts, workRoot, commit: server.commit, build }
}

/** A pipeline file with these steps, which hands over `dist` and starts `server.js`. */
export function pipelineFile(steps: readonly { name: string; run: readonly string[] }[], lockfile?: string): string {
  const install = lockfile === undefined ? {} : { install: { lockfile } }
  const spec = { node: '24', ...install, steps, output: { folder: 'dist', entry: ['server.js'] } }
  return stringify({ apiVersion: 'fairway.dev/v1', kind: 'Pipeline', spec })
}
