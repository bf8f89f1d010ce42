import { readCredential } from '#lib/credential.ts'
import type { LokiOptions } from './options.ts'

/** Tenant, credential, and the wish to have labels, metadata and parsed fields apart. */
export async function headersOf({ tenant, token }: LokiOptions): Promise<Record<string, string>> {
  return {
    'x-loki-response-encoding-flags': 'categorize-labels',
    ...(tenant && { 'x-scope-orgid': tenant }),
    ...(token && { authorization: `Bearer ${await readCredential(token)}` }),
  }
}
