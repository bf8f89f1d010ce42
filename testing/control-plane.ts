import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlPlane, ControlPlaneOptions } from '../src/main/platform.ts'
import { startControlPlane } from '../src/main/server.ts'
import type { Database } from '#store/database.ts'
import { testDatabase } from './database.ts'
import { type Hooks, lastFirst } from './last-first.ts'

export interface TestControlPlane extends ControlPlane {
  readonly port: number
  readonly dataFolder: string
  readonly db: Database
  /** The lasting login key. */
  readonly key: string
  /** One request as it is given, with a JSON body when there is one. */
  ask(path: string, asked?: Asked): Promise<Response>
  /** A bearer token of a local person. */
  tokenOf(user: string): Promise<string>
}

export interface Asked {
  readonly method?: string
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  readonly json?: unknown
}

/** A control plane in this process, on a database, a folder and a port of its own, without PostgreSQL process and agent. One per process. */
export async function startTestControlPlane(
  t: Hooks,
  more: Pick<ControlPlaneOptions, 'outside'> = {},
): Promise<TestControlPlane> {
  const after = lastFirst(t)
  const { url: databaseUrl, db } = await testDatabase({ after }, { max: 2 })
  const dataFolder = await mkdtemp(join(tmpdir(), 'fairway-control-plane-'))
  after(() => rm(dataFolder, { recursive: true, force: true }))
  const place = { dataFolder, databaseUrl, host: '127.0.0.1', port: 0, gatewayPort: 0 }
  const started = await startControlPlane({ ...place, ...more, log: () => {} })
  after(() => started.close())
  const key = (await readFile(join(dataFolder, 'login-key'), 'utf8')).trim()
  const ask = (path: string, asked: Asked = {}) => request(`${started.url}${path}`, asked)
  return {
    ...started,
    port: Number(new URL(started.url).port),
    dataFolder,
    db,
    key,
    ask,
    async tokenOf(user) {
      const reply = await ask('/api/v1/sessions', { json: { user, key, carrier: 'token' } })
      return ((await reply.json()) as { token: string }).token
    },
  }
}

function request(url: string, { method, token, headers, json }: Asked): Promise<Response> {
  const body = json === undefined ? undefined : JSON.stringify(json)
  return fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  })
}
