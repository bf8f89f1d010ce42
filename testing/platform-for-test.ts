import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import pino from 'pino'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import { freePort } from '#lib/free-port.ts'
import { startAgent } from '#agent/start-agent.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { detectIsolation } from '#lib/isolation.ts'
import { editTree, treeOf, writeTree } from '#lib/git/trees.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { platformRepo, type RepoRef } from '#model/names.ts'
import type { Run, RunState } from '#model/run.ts'
import type { Caller } from '#services/caller.ts'
import { createService } from '#services/create-service.ts'
import { keepDriftFound } from '#services/drift/keep-drift.ts'
import { reactToGitHost } from '#services/react.ts'
import { findRun } from '#store/run.ts'
import { startSession } from '#store/session.ts'
import { workflows } from '#workflows/all.ts'
import { startEngine } from '#workflows/engine/engine.ts'
import type { Platform } from '#workflows/platform.ts'
import { writeAgentSource } from '../src/main/agent-source.ts'
import { compose } from '../src/main/compose.ts'
import { followSettings } from '../src/main/follow-settings.ts'
import { mountAdapters } from '../src/main/mount-adapters.ts'
import { seedRepositories } from '../src/main/seed-platform.ts'
import { readPlatformEntities } from '#services/catalog.ts'
import { testDatabase } from './database.ts'
import { lendBase, tinyPlatformFiles } from './tiny-platform.ts'
import { waitUntil } from './wait-until.ts'

export interface Push {
  readonly repo: RepoRef
  readonly by: string
  /** What the commit's author field says; the pusher when left out. */
  readonly author?: { name: string; email: string }
  readonly message?: string
  readonly branch?: string
  readonly write: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

export interface PlatformForTest {
  readonly platform: Platform
  /** A signed-in person of org/. */
  caller(name: string): Promise<Caller>
  /** One commit on top of main, pushed over HTTP as that person; gives the commit. */
  push(request: Push): Promise<string>
  ended(run: string, state: RunState): Promise<Run>
  /** A tiny service of team-a, made by dev and live in dev. */
  service(name: string): Promise<Run>
  /** Stops the agent: workloads end and the runtime cannot be asked. */
  stopAgent(): Promise<void>
}

/** The refusal of that code; anything else fails the test. */
export async function refusedWith(code: string, work: Promise<unknown>): Promise<PlatformError> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof PlatformError && error.code === code) return error
  throw new Error(`expected ${code}`, { cause: error })
}

/** Every part of the platform for real in this process, agent and workloads included; one per test file, since the engine is one per process. */
export async function platformForTest(
  t: { after(work: () => unknown): void },
  { files = tinyPlatformFiles() }: { files?: ReturnType<typeof tinyPlatformFiles> } = {},
): Promise<PlatformForTest> {
  const undo: (() => unknown)[] = []
  t.after(async () => {
    for (const act of undo.toReversed()) await act()
  })
  const { url: databaseUrl } = await testDatabase({
    after: (end: unknown) => void undo.push(end as () => unknown),
  } as never)
  const dataFolder = await mkdtemp(join(tmpdir(), 'fairway-whole-'))
  await chmod(dataFolder, 0o711)
  const work = await openWorkRoot(dataFolder, await detectIsolation({ place: dataFolder }))
  for (const folder of [dataFolder, work.path]) undo.push(() => rm(folder, { recursive: true, force: true }))
  await lendBase(join(work.path, 'bases'))
  const port = await freePort()
  const [gitToken, agentKey, otlpSecret] = ['git-token', 'agent-key', 'otlp-secret-for-tests']
  const vaultKeys = randomBytes(32).toString('base64url')
  const log = pino({ level: process.env['FAIRWAY_TEST_LOG'] ?? 'silent' })
  const url = `http://localhost:${port}`
  const secretsOf = { gitToken, agentKey, vaultKeys, otlpSecret }
  const composed = await compose({ dataFolder, databaseUrl, portalUrl: url, log, ...secretsOf })
  undo.push(() => composed.close())
  const { platform } = composed
  const app = fastify({ forceCloseConnections: true })
  const secretsKey = randomBytes(32).toString('base64url')
  const stopSignals = await mountAdapters(app, composed, { otlpSecret, secretsKey })
  await app.listen({ host: '127.0.0.1', port })
  undo.push(async () => {
    await app.close()
    await stopSignals()
  })
  await seed(platform, files)
  await seedRepositories(platform.ports.gitHost, platform)
  await followSettings(composed)
  await readPlatformEntities(platform)
  await writeAgentSource(composed, { dataFolder, url: `http://127.0.0.1:${port}`, otlpSecret, agentKey, secretsKey })
  const agent = await startAgent({
    dataFolder,
    gatewayPort: await freePort(),
    openArtifacts: (folder) => localArtifacts({ folder: folder as string }),
    onStop: () => {},
  })
  let stopped: Promise<void> | undefined
  const stopAgent = () => (stopped ??= agent.stop())
  undo.push(stopAgent)
  await startEngine({ databaseUrl, executor: 'test', platform, workflows })
  undo.push(() => platform.engine.stop())
  await composed.events.start()
  undo.push(reactToGitHost(platform, 1_000))
  undo.push(keepDriftFound(platform))
  return { ...actsOn(platform), stopAgent }
}

function actsOn(platform: Platform): Omit<PlatformForTest, 'stopAgent'> {
  const caller = async (name: string): Promise<Caller> => {
    const person = await platform.ports.identity.find(name)
    if (!person) throw new Error(`nobody is called ${name}`)
    const { token } = await startSession(platform.db, { person: name, carrier: 'token', hours: 1 })
    return { person, carrier: 'token', token }
  }
  const ended = (id: string, state: RunState) => untilRun(platform, id, state)
  return {
    platform,
    caller,
    ended,
    push: async (request) => push(platform, request, (await caller(request.by)).token),
    async service(name) {
      const request = { template: 'tiny', service: name, owner: 'team-a', answers: {} }
      const run = await createService(platform, await caller('dev'), { request })
      return ended(run.id, 'succeeded')
    },
  }
}

/** The platform repository, by default as shipped with the tiny golden path beside. */
async function seed(platform: Platform, files: ReturnType<typeof tinyPlatformFiles>): Promise<void> {
  const objects = { dir: platform.objects }
  const { gitHost } = platform.ports
  const tree = await writeTree(objects, files)
  await gitHost.repositories.create({ repo: platformRepo, description: 'Settings', marker: 'seed', teams: [] })
  const author = { name: 'fairway', email: 'fairway@fairway.local' }
  const commit = await commitTree(objects, { tree, parents: [], message: 'Begin', author, at: '2026-01-01T00:00:00Z' })
  await pushRefs(objects, await gitHost.remote(platformRepo), [{ commit, to: 'refs/heads/main', expect: 'absent' }])
}

async function push(platform: Platform, request: Push, token: string): Promise<string> {
  const objects = { dir: platform.objects }
  const remote = { ...(await platform.ports.gitHost.remote(request.repo)), username: request.by, password: token }
  const ref = `refs/test/${request.repo.owner}/${request.repo.name}`
  const [parent] = await fetchRefs(objects, remote, [{ from: 'refs/heads/main', to: ref }])
  const baseTree = parent && (await treeOf(objects, parent))
  if (!parent || !baseTree) throw new Error('nothing to push onto')
  const write = Object.entries(request.write).map(([path, content]) => ({ path, content }))
  const tree = await editTree(objects, { baseTree, write, ...(request.remove && { remove: request.remove }) })
  const person = (await platform.ports.identity.find(request.by)) ?? { name: request.by, email: '' }
  const commit = await commitTree(objects, {
    tree,
    parents: [parent],
    message: request.message ?? 'Change something',
    author: request.author ?? { name: person.name, email: person.email ?? 'nobody@example.com' },
    at: new Date().toISOString(),
  })
  await pushRefs(objects, remote, [{ commit, to: `refs/heads/${request.branch ?? 'main'}` }])
  return commit
}

async function untilRun(platform: Platform, id: string, state: RunState): Promise<Run> {
  const found = await waitUntil(
    async () => {
      const run = await findRun(platform.db, id)
      return run && (run.state === state || run.state === 'failed') ? run : undefined
    },
    { what: `run ${id} to be ${state}`, ms: 120_000 },
  )
  if (found.state !== state) {
    const scope = { service: found.service ?? '', environment: found.environment ?? '' }
    const lines = await platform.ports.logs.query(scope, { limit: 20 })
    const words = lines.map((line) => line.text).join('\n')
    throw new Error(`run ${id} is ${found.state}: ${JSON.stringify(found.error)}\n${words}`)
  }
  return found
}
