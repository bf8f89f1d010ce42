import { errorOf, parseAnswer, readBody } from './answers.ts'
import { type ClusterAddress, type ClusterRequest, connect, type Connection } from './connection.ts'
import { type Discovery, discovery } from './discovery.ts'

interface Purpose {
  readonly verb: string
  /** As `deployments.apps`. */
  readonly resource: string
}

interface Answered {
  readonly status: number
  readonly text: string
  /** Set when the status is no success. */
  readonly error?: Error
}

export interface ClusterCalls {
  readonly connection: Connection
  readonly found: Discovery
  /** Any answer, with what its status means. */
  call(request: ClusterRequest, purpose: Purpose, signal: AbortSignal): Promise<Answered>
  /** The text of a success; else throws. */
  must(request: ClusterRequest, purpose: Purpose, signal: AbortSignal): Promise<string>
}

const patienceMs = 15_000

/** Calls to an API server that end within 15 s, and what the server knows of kinds. */
export function clusterCalls(address: ClusterAddress): ClusterCalls {
  const connection = connect(address)
  const call: ClusterCalls['call'] = async (request, { verb, resource }, signal) => {
    const answer = await connection.open(request, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]))
    const text = await readBody(answer)
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return { status, text }
    if (status === 401) connection.forget()
    const server = await connection.server()
    return {
      status,
      text,
      error: errorOf(status, text, { verb, resource, namespace: namespaceIn(request.path), server }),
    }
  }
  return {
    connection,
    call,
    async must(...asked) {
      const { text, error } = await call(...asked)
      if (error) throw error
      return text
    },
    found: discovery(async (path, signal) => {
      const { status, text, error } = await call({ method: 'GET', path }, { verb: 'get', resource: path }, signal)
      if (status === 404) return undefined
      if (error) throw error
      return parseAnswer(text)
    }),
  }
}

function namespaceIn(path: string): string | undefined {
  return /\/namespaces\/([^/]+)\/[^/]/.exec(path)?.[1]
}
