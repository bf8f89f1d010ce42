import type { IncomingMessage } from 'node:http'
import { PlatformError } from '#errors/platform-error.ts'

/** What a request was for, in the words that roles of a cluster use. */
interface Refused {
  readonly verb: string
  /** As `deployments.apps`. */
  readonly resource: string
  readonly namespace?: string | undefined
  readonly server: string
}

const largestAnswer = 32 * 1024 * 1024

/** The whole body, or CLUSTER_FAILED when it is larger than any honest answer. */
export async function readBody(answer: IncomingMessage, limit = largestAnswer): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new PlatformError('CLUSTER_UNREACHABLE', 'the answer of the cluster broke off', { cause })
  }
  if (size > limit) {
    answer.destroy()
    throw new PlatformError('CLUSTER_FAILED', `the cluster answered with more than ${limit} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PlatformError('CLUSTER_FAILED', 'the cluster answered something that is not JSON', { cause })
  }
}

/** What a refusal means for us. The cluster's own sentence is kept: an admission rule explains itself in it. */
export function errorOf(status: number, text: string, { verb, resource, namespace, server }: Refused): PlatformError {
  const said = messageIn(text)
  const where = namespace ? ` in namespace ${namespace}` : ''
  if (status === 401)
    return new PlatformError('CLUSTER_UNAUTHORISED', `the cluster at ${server} does not accept our credential`, {
      hint: 'renew the token or certificate in the kubeconfig; it is read again at each use',
    })
  if (status === 403 && !isAdmission(said))
    return new PlatformError('CLUSTER_FORBIDDEN', `our account may not ${verb} ${resource}${where}`, {
      hint: `grant the verb ${verb} on ${resource}${where}`,
      facts: { verb, resource, ...(namespace && { namespace }) },
    })
  if (status === 409) return new PlatformError('CONFLICT', said || `${resource} changed meanwhile`)
  if (status === 429 || status >= 500) {
    if (isAdmission(said) || /failed calling webhook|failed to create typed patch object/.test(said))
      return new PlatformError('CLUSTER_REFUSED', said)
    return new PlatformError('CLUSTER_UNREACHABLE', `the cluster at ${server} answered ${status}: ${said}`)
  }
  return new PlatformError('CLUSTER_REFUSED', `the cluster refused to ${verb} ${resource}${where}: ${said || status}`)
}

/** A rule at the door refused the object: the account itself may do it. */
function isAdmission(said: string): boolean {
  return /admission webhook|denied the request|ValidatingAdmissionPolicy|exceeded quota|violates PodSecurity/i.test(
    said,
  )
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message.slice(0, 2_000) : ''
  } catch {
    return text.slice(0, 200)
  }
}
