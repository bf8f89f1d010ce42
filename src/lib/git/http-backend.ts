import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { PlatformError } from '#errors/platform-error.ts'
import { gitEnvironment, lastLines } from './run-git.ts'

export interface BackendRequest {
  /** The one repository to serve; the caller has authorised exactly this one. */
  readonly repository: string
  readonly service: 'git-upload-pack' | 'git-receive-pack'
  /** The ref advertisement, or the exchange itself. */
  readonly phase: 'advertise' | 'exchange'
  readonly contentType?: string
  /** Only when the client sent it; chunked bodies have none. */
  readonly contentLength?: string
  readonly contentEncoding?: string
  readonly protocol?: string
  readonly user: string
  readonly config?: readonly (readonly [key: string, value: string])[]
}

export interface BackendReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
}

export interface Backend {
  readonly input: Writable
  readonly reply: Promise<BackendReply>
  /** Ends the process and everything it started; harmless when it has ended. */
  kill(): void
}

/** One request answered by `git http-backend`. Streams both ways; whoever gets it must call `kill` when the client leaves. */
export function startHttpBackend(request: BackendRequest): Backend {
  const child = spawn('git', ['http-backend'], {
    env: { ...gitEnvironment(request.config), ...cgiVariables(request) },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that index-pack and friends end with it
  })
  const kill = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // it ended between the look and the signal
    }
  }
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < 4_000) said += chunk.toString('utf8')
  })
  child.stdin.on('error', () => {}) // the backend may stop reading early; what it says decides
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (cause) =>
      reject(new PlatformError('GIT_FAILED', 'git http-backend did not start.', { cause })),
    )
    child.stdout.once('end', () => reject(new PlatformError('GIT_FAILED', `git http-backend: ${lastLines(said)}`)))
  })
  failed.catch(() => {})
  return { input: child.stdin, reply: Promise.race([readHeader(child.stdout), failed]), kill }
}

function cgiVariables(request: BackendRequest): Record<string, string> {
  const advertise = request.phase === 'advertise'
  const entries = {
    REQUEST_METHOD: advertise ? 'GET' : 'POST',
    GIT_PROJECT_ROOT: request.repository,
    PATH_INFO: advertise ? '/info/refs' : `/${request.service}`,
    QUERY_STRING: advertise ? `service=${request.service}` : '',
    GIT_HTTP_EXPORT_ALL: '1',
    REMOTE_USER: request.user,
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: request.contentType,
    CONTENT_LENGTH: request.contentLength,
    HTTP_CONTENT_ENCODING: request.contentEncoding,
    GIT_PROTOCOL: request.protocol,
  }
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** Reads the CGI header and leaves the stream at the first byte of the body. */
function readHeader(stdout: Readable): Promise<BackendReply> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0)
    const take = () => {
      for (let chunk = stdout.read() as Buffer | null; chunk !== null; chunk = stdout.read() as Buffer | null) {
        held = Buffer.concat([held, chunk])
        const end = held.indexOf('\r\n\r\n')
        if (end === -1 && held.length < 16_384) continue
        stdout.off('readable', take)
        if (end === -1) return reject(new PlatformError('GIT_FAILED', 'git http-backend gave no header.'))
        const rest = held.subarray(end + 4)
        if (rest.length > 0) stdout.unshift(rest)
        return resolve({ ...parseHeader(held.toString('latin1', 0, end)), body: stdout })
      }
    }
    stdout.on('readable', take)
  })
}

function parseHeader(text: string): Pick<BackendReply, 'status' | 'headers'> {
  const pairs = text.split('\r\n').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const { status = '200', ...headers } = Object.fromEntries(pairs)
  return { status: Number.parseInt(status, 10), headers }
}
