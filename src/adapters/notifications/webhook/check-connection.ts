import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import { credentialPlace, readCredential } from '#lib/credential.ts'
import { isPublicAddress } from '#lib/http/public-address.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { WebhookOptions } from './options.ts'
import { signedHeaders } from './signature.ts'

/** Reads every secret and opens a connection to every receiver. Nothing is sent: a receiver could not tell it from news. */
export async function checkConnection(options: WebhookOptions): Promise<readonly ConnectionCheck[]> {
  return Promise.all(options.targets.map((target) => checkTarget(target, options)))
}

async function checkTarget(
  { team, url, secrets }: WebhookOptions['targets'][number],
  { allowPrivateAddresses }: WebhookOptions,
): Promise<ConnectionCheck> {
  const check = `webhook of ${team}`
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  try {
    for (const source of secrets) signedHeaders({ id: '', seconds: 0, body: '' }, [await readCredential(source)])
    const { address } = await lookup(host)
    if (!allowPrivateAddresses && !isPublicAddress(address))
      return {
        check,
        state: 'problem',
        found: `${host} is not public`,
        hint: 'allowPrivateAddresses lets it be called',
      }
    await connected(address, Number(port) || (protocol === 'https:' ? 443 : 80))
    return { check, state: 'ok', found: `${host} takes connections; ${secrets.map(credentialPlace).join(', ')} signs` }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'CREDENTIAL_MISSING') return { check, state: 'missing', found: message }
    return { check, state: 'problem', found: `${host} takes no connection (${code ?? 'unknown'})` }
  }
}

function connected(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 5_000 }, () => {
      socket.destroy()
      resolve()
    })
    socket.on('timeout', () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
    socket.on('error', reject)
  })
}
