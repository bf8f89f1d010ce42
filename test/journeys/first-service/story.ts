import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Run } from '#model/run.ts'
import type { ServiceStatus } from '#model/deployment.ts'
import { callService, type CliResult, fairway, git } from '../../../testing/cli.ts'
import type { ApiClient } from '../../../src/client/client.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import { waitUntil } from '../../../testing/wait-until.ts'

/** What the chapters of the story hand on. */
export interface Story {
  readonly platform: TestPlatform
  readonly service: string
  /** The clone that dev works in. */
  readonly clone: string
  /** The API as dev. */
  readonly api: ApiClient
  readonly cli: (...argv: string[]) => Promise<CliResult>
  readonly git: (...argv: string[]) => Promise<CliResult>
  readonly runtime: Runtime
}

/** Where the services of a story run. */
export interface Runtime {
  /** What runs of the shop: its environment, then a name that another run of it would not have. */
  instances(): Promise<readonly string[]>
  /** How many processes of this machine are the platform and its services, at the end of the story. */
  readonly processes: number
  /** When a rollout is given up: long enough that what asks for readiness asked a process that listens. */
  readonly rolloutSeconds: number
  /** Contents of the ConfigMaps of a service that carry a label, where tools find them by it; absent where none look. */
  configMapsWith?(
    label: string,
    place: { service: string; environment: string },
  ): Promise<readonly Readonly<Record<string, string>>[]>
}

export interface StartedRun {
  readonly run: Run
  readonly service?: ServiceStatus
}

export function tell(
  platform: TestPlatform,
  {
    clone,
    api,
    service = 'shop',
    runtime = thisMachine(platform),
  }: { clone: string; api: ApiClient; service?: string; runtime?: Runtime },
): Story {
  return {
    platform,
    service,
    clone,
    api,
    cli: (...argv) => fairway(platform, argv),
    git: (...argv) => git(platform, clone, ...argv),
    runtime,
  }
}

/** Control plane, agent, database and four instances. */
function thisMachine(platform: TestPlatform): Runtime {
  return {
    processes: 7,
    rolloutSeconds: 5,
    async instances() {
      const { workloads } = await platform.processes()
      return workloads.map(({ pid, started, place }) => `${place.split('/')[0]} ${pid} ${started}`).toSorted()
    },
  }
}

/** One chapter: its title is a promise. The story ends with the first chapter that fails. */
export async function chapter(t: TestContext, title: string, tale: () => Promise<void>): Promise<void> {
  let failed: unknown
  await t.test(title, async () => {
    try {
      await tale()
    } catch (error) {
      failed = error
      throw error
    }
  })
  if (failed) throw new Error(`the story ended at: ${title}`)
}

/** Commits everything in the clone and pushes it to main. The commit. */
export async function push({ git }: Story, message: string): Promise<string> {
  for (const argv of [
    ['add', '--all'],
    ['commit', '--quiet', '--message', message],
    ['push', '--quiet', 'origin', 'HEAD:main'],
  ]) {
    const done = await git(...argv)
    if (done.exit !== 0) throw new Error(`git ${argv[0]} ended with ${done.exit}: ${done.stderr}`)
  }
  return (await git('rev-parse', 'HEAD')).stdout.trim()
}

/** The run that the platform starts by itself for a pushed commit, once it has ended. */
export async function releaseRunOf({ api, service }: Story, commit: string): Promise<Run> {
  return waitUntil(
    async () => {
      const { data } = await api.GET('/api/v1/runs', { params: { query: { service, workflow: 'release' } } })
      const run = data?.items.find((item) => item.input['commit'] === commit) as Run | undefined
      return run && ['succeeded', 'failed'].includes(run.state) ? run : undefined
    },
    { what: `the release run of ${commit}`, ms: 300_000, everyMs: 100 },
  )
}

/** What the shop answers in an environment, as the gateway gives it. */
export async function shopAnswers(
  story: Story,
  environment: string,
  path = '/',
): Promise<{ status: number; body: string }> {
  return callService(story.platform, { service: 'shop', environment, path })
}

/** Waits for that answer: a cluster's network leads to new pods a moment after they are ready. */
export async function untilShopAnswers(
  story: Story,
  { environment, path, body }: { environment: string; path: string; body: string },
): Promise<void> {
  const what = `the shop in ${environment} to answer ${path} with ${body}`
  await waitUntil(async () => (await shopAnswers(story, environment, path)).body === body, { what, ms: 30_000 })
}

/** The newest commit that touched the shop in an environment, from the delivery repository itself, fetched as dev. */
export async function deliveredIn(
  { cli, clone, platform }: Story,
  { environment, format }: { environment: string; format: string },
): Promise<CliResult> {
  const folder = `${clone}-delivery`
  if (!existsSync(folder)) {
    const cloned = await cli('clone', 'fairway/delivery', folder)
    if (cloned.exit !== 0) throw new Error(`the delivery repository cannot be cloned: ${cloned.stderr}`)
  }
  await git(platform, folder, 'fetch', '--quiet', 'origin')
  return git(platform, folder, 'log', '-1', `--format=${format}`, 'origin/main', '--', `envs/${environment}/shop`)
}

/** Trailers of that commit. */
export async function trailersOf(story: Story, environment: string): Promise<ReadonlyMap<string, string>> {
  const { stdout, stderr } = await deliveredIn(story, { environment, format: '%(trailers:only,unfold)' })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(': '))
  if (lines.length < 2) throw new Error(`no trailers in ${environment}: ${stdout}${stderr}`)
  return new Map(lines.map(([key = '', value = '']) => [key, value]))
}
