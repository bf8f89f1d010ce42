import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import type { AgentSource } from '../source.ts'

const Place = z.object({ owner: z.string(), service: z.string(), environment: z.string() })
const Versions = z.object({ items: z.array(Place.extend({ name: z.string(), version: z.int() })) })
const Values = z.object({ items: z.array(z.object({ name: z.string(), version: z.int(), value: z.string() })) })
export type SecretValue = z.infer<typeof Values>['items'][number]
export type PlaceVersion = z.infer<typeof Versions>['items'][number]

type Access = NonNullable<AgentSource['secrets']>

/** Which versions there are, of every place; no values. */
export async function askVersions(access: Access): Promise<PlaceVersion[]> {
  return (await ask(access, { what: 'versions', body: {}, schema: Versions })).items
}

/** The newest values of one place. */
export async function askValues(access: Access, place: z.infer<typeof Place>): Promise<SecretValue[]> {
  const { owner, service, environment } = place
  return (await ask(access, { what: 'values', body: { owner, service, environment }, schema: Values })).items
}

interface Question<T> {
  readonly what: string
  readonly body: unknown
  readonly schema: z.ZodType<T>
}

// What came is never part of an error: it may be a value.
async function ask<T>({ endpoint, token }: Access, { what, body, schema }: Question<T>): Promise<T> {
  const failed = (reason: string, cause?: unknown) =>
    new PlatformError('SECRETS_UNAVAILABLE', `the control plane gives no secrets: ${reason}`, { cause })
  const reply = await fetch(`${endpoint}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    throw failed('it does not answer', error)
  })
  if (!reply.ok) {
    await reply.body?.cancel()
    throw failed(`it answered ${reply.status}`)
  }
  const answer = schema.safeParse(await reply.json().catch(() => undefined))
  if (!answer.success) throw failed('its answer has another shape')
  return answer.data
}
