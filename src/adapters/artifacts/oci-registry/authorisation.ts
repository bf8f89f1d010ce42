import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { readCredential } from '#lib/credential.ts'
import { httpClient } from '#lib/http/http-client.ts'
import type { OciRegistryOptions } from './options.ts'

/** What a request needs: it names the token's scope. */
export interface Challenged {
  readonly name: string
  readonly access: 'pull' | 'pull,push'
}

const Token = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
})

/** Tokens shorter than this are not believed to live longer. */
const shortestSeconds = 60

/** Answers a registry's challenges: `Basic` with the credential itself, `Bearer` with a token of the realm it names. */
export function authorisation(options: OciRegistryOptions) {
  const tokens = new Map<string, { readonly header: string; readonly until: number }>()
  let basic = false
  return {
    /** What was good for such a request before, while it lives. */
    async known(challenged: Challenged): Promise<string | undefined> {
      if (basic) return basicHeader(options)
      const kept = tokens.get(keyOf(challenged))
      return kept && kept.until > Date.now() ? kept.header : undefined
    },
    /** The answer to a challenge, or nothing when there is none to give. */
    async answer(challenged: Challenged, challenge: string | null): Promise<string | undefined> {
      if (challenge === null) return undefined
      if (/^basic\b/i.test(challenge)) {
        basic = true
        return basicHeader(options)
      }
      const { header, seconds } = await fetchToken(options, challenged, challenge)
      tokens.set(keyOf(challenged), { header, until: Date.now() + (seconds - 10) * 1_000 })
      return header
    },
  }
}

const keyOf = ({ name, access }: Challenged): string => `${name}:${access}`

async function basicHeader({ username, password }: OciRegistryOptions): Promise<string | undefined> {
  if (username === undefined || password === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${await readCredential(password)}`).toString('base64')}`
}

async function fetchToken(options: OciRegistryOptions, { name, access }: Challenged, challenge: string) {
  const realm = URL.parse(/\brealm="([^"]{1,2000})"/.exec(challenge)?.[1] ?? '')
  const safe = realm && (realm.protocol === 'https:' || realm.hostname === new URL(options.url).hostname)
  if (!safe)
    throw new PlatformError(
      'PRODUCT_UNAUTHORISED',
      'the OCI registry asks for a credential in a way that is not known',
      {
        hint: 'it must ask for Basic, or name a realm that is https or its own host',
      },
    )
  const credential = await basicHeader(options)
  const client = httpClient({
    product: 'the token service of the OCI registry',
    baseUrl: realm.origin,
    headers: (): Record<string, string> => (credential === undefined ? {} : { authorization: credential }),
    maxBytes: 100_000,
  })
  const service = /\bservice="([^"]{1,2000})"/.exec(challenge)?.[1]
  const query = { scope: `repository:${name}:${access}`, ...(service !== undefined && { service }) }
  const { token, access_token, expires_in } = await client.json('GET', realm.pathname, { query, schema: Token })
  const value = token ?? access_token
  if (value === undefined)
    throw new PlatformError('PRODUCT_UNAUTHORISED', 'the OCI registry’s token service gave no token')
  return { header: `Bearer ${value}`, seconds: expires_in ?? shortestSeconds }
}
