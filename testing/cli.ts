import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { type ApiClient, apiClient, dataOf } from '../src/client/client.ts'
import { requireKnownFields } from './known-fields.ts'
import type { TestPlatform } from './start-platform.ts'

/** The command line as users start it. */
export const fairwayProgram = join(import.meta.dirname, '../fairway')

export interface CliResult {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** Standard output as JSON; throws with both streams when it is none. */
  json<T = Record<string, never>>(): T
  /** The stable code of a refusal. */
  readonly code: string | undefined
}

/** Runs `./fairway` as a user would, against the given platform. */
export async function fairway(
  platform: Pick<TestPlatform, 'env'>,
  argv: readonly string[],
  { cwd = '/', env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> {
  const result = await run(fairwayProgram, argv, { cwd, env: { ...platform.env, ...env } })
  await requireKnownFields(argv, result.stdout)
  return result
}

/** Runs the real git as a user would, in a clone that `fairway clone` made. */
export function git(platform: Pick<TestPlatform, 'env'>, cwd: string, ...argv: string[]): Promise<CliResult> {
  return run('git', argv, { cwd, env: { ...platform.env, GIT_TERMINAL_PROMPT: '0' } })
}

/** The API as a local person. */
export async function apiAs(platform: TestPlatform, user: string): Promise<ApiClient> {
  return apiClient({ baseUrl: platform.url, token: await tokenOf(platform, user) })
}

/** A bearer token of a local person. */
export async function tokenOf(platform: TestPlatform, user: string): Promise<string> {
  const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
  const body = { user, key, carrier: 'token' as const }
  const { token } = await dataOf(apiClient({ baseUrl: platform.url }).POST('/api/v1/sessions', { body }))
  return token ?? ''
}

/** One request to a service through the gateway. `*.localhost` does not resolve in Node.js: only the Host header names it. */
export function callService(
  { gatewayPort }: Pick<TestPlatform, 'gatewayPort'>,
  { service, environment, path = '/' }: { service: string; environment: string; path?: string },
): Promise<{ status: number; body: string }> {
  const headers = { host: `${service}.${environment}.localhost:${gatewayPort}` }
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: gatewayPort, path, headers, agent: false }, (reply) => {
      let body = ''
      reply.setEncoding('utf8')
      reply.on('data', (text: string) => (body += text))
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
      reply.on('error', reject)
    })
    asking.on('error', reject)
    asking.end()
  })
}

function run(
  file: string,
  argv: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<CliResult> {
  return new Promise((resolve) => {
    const limits = { timeout: 180_000, maxBuffer: 16_000_000 }
    const child = execFile(file, [...argv], { ...options, ...limits }, (error, stdout, stderr) => {
      const exit = error ? (typeof error.code === 'number' ? error.code : -1) : 0
      resolve({ exit, stdout, stderr, json: () => parsed(stdout, stderr), code: codeIn(stderr) })
    })
    child.stdin?.end()
  })
}

function parsed<T>(stdout: string, stderr: string): T {
  try {
    return JSON.parse(stdout) as T
  } catch (cause) {
    throw new Error(`no JSON on standard output: ${stdout}\n${stderr}`, { cause })
  }
}

function codeIn(stderr: string): string | undefined {
  return /^([A-Z][A-Z_]+): /m.exec(stderr)?.[1]
}
