import { z } from 'zod'
import { codeOf } from '#errors/platform-error.ts'
import { credentialPlace, readCredential } from '#lib/credential.ts'
import type { HttpMethod } from '#lib/http/http-client.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import { type GiteaCalls, giteaCalls, scopes } from './calls.ts'
import type { GiteaOptions } from './options.ts'

/** Tries the token and each scope. Writes are tried with an empty request, which Gitea refuses after it looked at the scope. */
export async function checkConnection(options: GiteaOptions): Promise<readonly ConnectionCheck[]> {
  const calls = giteaCalls(options, { timeoutMs: 5000, patienceMs: 5000 })
  const token = await tokenCheck(calls, options)
  if (token.state !== 'ok') return [token, await secretCheck(options)]
  const tried = [
    ['write repositories, pull requests, statuses', scopes.repository, 'POST', '/repos/migrate'],
    ['write organisations, teams, hooks', scopes.organization, 'POST', '/orgs'],
    ['list own organisations', `${scopes.user} and read:organization`, 'GET', '/user/orgs?limit=1'],
    ['search pull requests', scopes.issue, 'GET', '/repos/issues/search?limit=1'],
  ] as const
  const checks = await Promise.all(tried.map((one) => scopeCheck(calls, one)))
  return [token, ...checks, await ownerCheck(calls), await secretCheck(options)]
}

async function tokenCheck(calls: GiteaCalls, { token }: GiteaOptions): Promise<ConnectionCheck> {
  const check = 'sign in'
  try {
    const { version } = await calls.json('GET', '/version', { schema: z.object({ version: z.string() }) })
    const { login } = await calls.self()
    return { check, state: 'ok', found: `${login} on ${version}` }
  } catch (error) {
    const found = messageOf(error)
    if (codeOf(error) === 'PRODUCT_FORBIDDEN')
      return { check, state: 'missing', found, hint: `give the token ${scopes.user}` }
    if (codeOf(error) === 'PRODUCT_UNAUTHORISED')
      return { check, state: 'missing', found, hint: `put a valid token into ${credentialPlace(token)}` }
    return { check, state: 'problem', found }
  }
}

async function scopeCheck(
  calls: GiteaCalls,
  [check, scope, method, path]: readonly [string, string, HttpMethod, string],
): Promise<ConnectionCheck> {
  try {
    const body = method === 'POST' ? { body: {} } : {}
    await calls.send(method, path, { ...body, scope, accept: [422] })
    return { check, state: 'ok', found: scope }
  } catch (error) {
    const state = codeOf(error) === 'PRODUCT_FORBIDDEN' ? 'missing' : 'problem'
    return { check, state, found: messageOf(error), hint: `give the token ${scope}` }
  }
}

/** Only an owner of an organisation sees its hooks. */
async function ownerCheck(calls: GiteaCalls): Promise<ConnectionCheck> {
  const check = 'own the organisation fairway'
  try {
    const { status, text } = await calls.send('GET', '/orgs/fairway/hooks', { accept: [403, 404], query: { limit: 1 } })
    if (status === 200) return { check, state: 'ok', found: 'owner' }
    if (status === 404) return { check, state: 'ok', found: 'not there yet; the first start makes it' }
    if (/scope/.test(text)) return { check, state: 'problem', found: 'cannot be seen without the scope' }
    const hint = 'add the platform’s user to the team Owners of the organisation'
    return { check, state: 'missing', found: 'the platform’s user is no owner of it', hint }
  } catch (error) {
    return { check, state: 'problem', found: messageOf(error) }
  }
}

async function secretCheck({ hookSecret }: GiteaOptions): Promise<ConnectionCheck> {
  const check = 'secret of hooks'
  try {
    const { length } = await readCredential(hookSecret)
    if (length >= 16) return { check, state: 'ok', found: `${length} characters` }
    return { check, state: 'problem', found: `${length} characters`, hint: 'use 16 or more' }
  } catch (error) {
    return { check, state: 'missing', found: messageOf(error) }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
