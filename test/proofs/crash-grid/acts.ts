import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { commitTree } from '#lib/git/commits.ts'
import { fetchRefs, pushRefs } from '#lib/git/remote.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { editTree, treeOf } from '#lib/git/trees.ts'
import type { Run } from '#model/run.ts'
import { releaseRunId } from '#services/start-run.ts'
import { type ApiClient, dataOf } from '../../../src/client/client.ts'
import { tokenOf } from '../../../testing/cli.ts'
import type { TestPlatform } from '../../../testing/start-platform.ts'
import type { KilledWorkflow } from './points.ts'

/** A service as the proof knows it: what was deployed where, by the words that it answers, oldest first. */
export interface Service {
  readonly name: string
  readonly dev: string[]
  readonly staging: string[]
  pushes: number
}

/** Something a person asks for. Asking again is the same request. */
export interface Act {
  readonly workflow: KilledWorkflow
  readonly service: Service
  readonly environment: 'dev' | 'staging'
  /** What the service answers there afterwards. */
  readonly words: string
  /** Gives the run. */
  ask(): Promise<string>
}

export interface Asking {
  readonly platform: TestPlatform
  readonly api: ApiClient
  readonly auditor: ApiClient
}

export function actOn(
  { platform, api }: Pick<Asking, 'platform' | 'api'>,
  workflow: KilledWorkflow,
  service: Service,
): Act {
  const { name } = service
  const headers = { 'idempotency-key': randomUUID() }
  const params = { path: { name } }
  const started = async (reply: Promise<unknown>) => ((await reply) as { run: Run }).run.id
  if (workflow === 'create-service') {
    const body = { template: 'tiny', name, owner: 'team-a', values: {}, dryRun: false }
    const ask = () => started(dataOf(api.POST('/api/v1/services', { body, headers })))
    return { workflow, service, environment: 'dev', words: 'one', ask }
  }
  if (workflow === 'promote') {
    const body = { to: 'staging', dryRun: false }
    const ask = () => started(dataOf(api.POST('/api/v1/services/{name}/promotions', { params, body, headers })))
    return { workflow, service, environment: 'staging', words: service.dev.at(-1) ?? '', ask }
  }
  if (workflow === 'rollback') {
    const body = { environment: 'dev', reason: 'crash-grid', dryRun: false }
    const ask = () => started(dataOf(api.POST('/api/v1/services/{name}/rollbacks', { params, body, headers })))
    return { workflow, service, environment: 'dev', words: earlierWords(service) ?? '', ask }
  }
  const words = `push ${++service.pushes} of ${name}`
  let commit: string | undefined
  const ask = async () => {
    commit ??= await newCommit(platform, name, words)
    await pushRefs(await scratch(platform), await remoteOf(platform, name), [{ commit, to: 'refs/heads/main' }])
    return releaseRunId(name, commit)
  }
  return { workflow, service, environment: 'dev', words, ask }
}

/** What a rollback in dev brings back: the newest earlier deployment of another release. */
export function earlierWords({ dev }: Service): string | undefined {
  return dev.findLast((words) => words !== dev.at(-1))
}

async function newCommit(platform: TestPlatform, name: string, words: string): Promise<string> {
  const repo = await scratch(platform)
  const fetched = [{ from: 'refs/heads/main', to: `refs/heads/${name}` }]
  const [parent] = await fetchRefs(repo, await remoteOf(platform, name), fetched)
  const baseTree = parent && (await treeOf(repo, parent))
  if (!parent || !baseTree) throw new Error(`${name} has no main`)
  const content = `import { createServer } from 'node:http'

const server = createServer((_, reply) => reply.end(${JSON.stringify(words)}))
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`
  const tree = await editTree(repo, { baseTree, write: [{ path: 'server.js', content }] })
  const author = { name: 'Dev', email: 'dev@example.com' }
  return commitTree(repo, { tree, parents: [parent], message: words, author, at: new Date().toISOString() })
}

function scratch(platform: TestPlatform) {
  return openWorkRepository(join(platform.data, '../scratch.git'))
}

async function remoteOf(platform: TestPlatform, name: string) {
  const url = `http://127.0.0.1:${platform.port}/git/team-a/${name}.git`
  return { url, username: 'dev', password: await tokenOf(platform, 'dev'), loopback: true }
}
