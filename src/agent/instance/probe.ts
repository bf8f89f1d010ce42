import { request } from 'node:http'
import { connect } from 'node:net'
import type { ProbeSpec } from '../desired/workload-spec.ts'

/** undefined: the probe passed. Else what came instead, as half a sentence that names the container's port. */
export type ProbeResult = string | undefined

export interface ProbeTarget {
  /** Port of this machine. */
  readonly port: number
  readonly runCommand: (command: readonly string[], timeoutMs: number) => Promise<ProbeResult>
  readonly signal: AbortSignal
}

export function probe(spec: ProbeSpec, target: ProbeTarget): Promise<ProbeResult> {
  if (spec.kind === 'exec') return target.runCommand(spec.command, spec.timeoutSeconds * 1_000)
  return spec.kind === 'http' ? ask(spec, target) : dial(spec, target)
}

/** A probe in words: `GET /readyz on port 8080`. */
export function probeName(spec: ProbeSpec): string {
  if (spec.kind === 'exec') return `the command ${spec.command.join(' ')}`
  return spec.kind === 'http' ? `GET ${spec.path} on port ${spec.port}` : `port ${spec.port}`
}

function ask(spec: ProbeSpec, { port, signal }: ProbeTarget): Promise<ProbeResult> {
  const name = probeName(spec)
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(spec.timeoutSeconds * 1_000)])
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path: spec.path.startsWith('/') ? spec.path : `/${spec.path}`,
        headers: {
          ...Object.fromEntries(spec.headers.map(({ name: key, value }) => [key, value])),
          connection: 'close',
        },
        agent: false,
        signal: limit,
      },
      (reply) => {
        const status = reply.statusCode ?? 0
        reply.destroy() // the body of a probe is of no interest, and may never end
        resolve(status >= 200 && status < 400 ? undefined : `${name} answered ${status}`)
      },
    )
    asking.once('error', (error) => resolve(`${name} ${inWords(error, spec)}`))
    asking.end()
  })
}

function dial(spec: ProbeSpec, { port, signal }: ProbeTarget): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(spec.timeoutSeconds * 1_000)])
    const socket = connect({ host: '127.0.0.1', port, signal: limit })
    socket.once('connect', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once('error', (error) => resolve(`${probeName(spec)} ${inWords(error, spec)}`))
  })
}

function inWords(error: NodeJS.ErrnoException, { timeoutSeconds }: ProbeSpec): string {
  if (error.code === 'ECONNREFUSED') return 'refused the connection'
  if (error.code === 'ECONNRESET') return 'broke the connection off'
  if (error.name === 'AbortError' || error.code === 'ABORT_ERR') return `did not answer within ${timeoutSeconds} s`
  return `failed: ${error.code ?? error.message}`
}
