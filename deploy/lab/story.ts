import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditRecord } from '#model/audit.ts'
import type { Run } from '#model/run.ts'
import { type ApiClient, apiClient, dataOf } from '../../src/client/client.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import type { World } from './world.ts'

/** The API of a replica as a local person, by the key that all replicas share. */
export async function signedIn({ keys }: Pick<World, 'keys'>, baseUrl: string, user: string): Promise<ApiClient> {
  const key = (await readFile(join(keys, 'login-key'), 'utf8')).trim()
  const body = { user, key, carrier: 'token' as const }
  const { token } = await dataOf(apiClient({ baseUrl }).POST('/api/v1/sessions', { body }))
  return apiClient({ baseUrl, token: token ?? '' })
}

/** Asks for a service made from the tiny golden path; gives the run. */
export async function askForService(api: ApiClient, name: string): Promise<string> {
  const body = { template: 'tiny', name, owner: 'team-a', values: {}, dryRun: false }
  const headers = { 'idempotency-key': randomUUID() }
  const reply = await dataOf(api.POST('/api/v1/services', { body, headers }))
  return (reply as unknown as { run: Run }).run.id
}

/** The run as the API gives it now. */
export async function readRun(api: ApiClient, id: string): Promise<Run> {
  return (await dataOf(api.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as unknown as Run
}

/** Resolves when every run succeeded; the first that failed throws with its error. */
export async function allSucceed(api: ApiClient, runs: readonly string[], ms = 400_000): Promise<void> {
  const ended = await waitUntil(
    async () => {
      const now = await Promise.all(runs.map((id) => readRun(api, id)))
      return now.some(hasFailed) || now.every(({ state }) => state === 'succeeded') ? now : undefined
    },
    { what: 'every run to succeed', ms, everyMs: 500 },
  )
  const failed = ended.filter(hasFailed).map(({ id, state, error }) => ({ id, state, error }))
  assert.deepEqual(failed, [])
}

function hasFailed({ state }: Run): boolean {
  return state === 'failed' || state === 'cancelled'
}

/** What is not exactly once for services that were made: from Gitea, from the audit log, and from the API. */
export async function notExactlyOnce(
  world: World,
  { dev, auditor }: { dev: ApiClient; auditor: ApiClient },
  made: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const faults: string[] = []
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      faults.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
  }
  const names = [...made.keys()].toSorted()
  const repositories = (await world.ask('/orgs/team-a/repos?limit=50')) as { name: string }[]
  expect('repositories', repositories.map(({ name }) => name).toSorted(), names)
  const commits = (await world.ask('/repos/fairway/delivery/commits?sha=main&limit=50&stat=false')) as {
    commit: { message: string }
  }[]
  const pulls = (await world.ask('/repos/fairway/delivery/pulls?state=all&limit=50')) as { merged: boolean }[]
  expect(
    'change requests, and merged',
    [pulls.length, pulls.filter(({ merged }) => merged).length],
    [made.size, made.size],
  )
  for (const [service, run] of made) {
    const own = (await world.ask(`/repos/team-a/${service}/commits?sha=main&limit=50&stat=false`)) as unknown[]
    expect(`commits of ${service}`, own.length, 1)
    const delivered = commits.filter(({ commit }) => commit.message.includes(`Run-Id: ${run}`))
    expect(`delivery commits of ${run}`, delivered.length, 1)
    faults.push(...(await auditFaults(auditor, run)))
    const params = { path: { name: service }, query: {} }
    const { items } = (await dataOf(dev.GET('/api/v1/services/{name}/deployments', { params }))) as {
      items: { run?: string; state?: string }[]
    }
    expect(`deployments of ${service}`, items.length, 1)
  }
  return faults
}

/** One order, and per step with effects: intents numbered from 1, and one outcome that says ok. */
async function auditFaults(auditor: ApiClient, run: string): Promise<readonly string[]> {
  const params = { query: { run, limit: 200 } }
  const { items } = (await dataOf(auditor.GET('/api/v1/audit', { params }))) as unknown as { items: AuditRecord[] }
  const faults: string[] = []
  const orders = items.filter(({ phase }) => phase === 'act')
  if (orders.length !== 1) faults.push(`${run} was ordered ${orders.length} times`)
  const steps = new Set(items.filter(({ phase }) => phase === 'intent').map(({ action }) => action))
  for (const step of steps) {
    const of = (phase: string) => items.filter((one) => one.action === step && one.phase === phase)
    const good = of('outcome').filter(({ result }) => result === 'ok').length
    if (good !== 1) faults.push(`${step} of ${run} ended well ${good} times`)
    const attempts = of('intent').map(({ detail }) => Number(detail['attempt']))
    if (new Set(attempts).size !== attempts.length) faults.push(`${step} of ${run} was begun twice as one attempt`)
  }
  return faults
}

/** Every Deployment of those services has as many ready pods as it wants. */
export async function podsAreReady({ admin, namespace }: World, services: readonly string[]): Promise<void> {
  for (const name of services) {
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }
    const found = (await admin.get(ref, AbortSignal.timeout(30_000))) as
      | { spec: { replicas: number }; status: { readyReplicas?: number } }
      | undefined
    assert.equal(found?.status.readyReplicas, found?.spec.replicas ?? 1, name)
  }
}
