import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { isIP } from 'node:net'
import { isPublicAddress, publicLookup } from '#lib/http/public-address.ts'

interface Post {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly allowPrivateAddresses: boolean
  readonly ms: number
}

/** One POST. ADDRESS_REFUSED before anything is sent when the address it would connect to is not public and must be. */
export function post(
  address: string,
  { body, headers, allowPrivateAddresses, ms }: Post,
): Promise<{ status: number; retryAfter: string | undefined }> {
  const url = new URL(address)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivateAddresses && isIP(host) && !isPublicAddress(host))
    return Promise.reject(Object.assign(new Error('the address is not public'), { code: 'ADDRESS_REFUSED' }))
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? secure : plain
    const sent = send(
      url,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(ms),
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Fairway',
        },
        ...(!allowPrivateAddresses && { lookup: publicLookup }),
      },
      (answer) => {
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] })
        answer.destroy() // what it says is nobody's promise and is not read
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
