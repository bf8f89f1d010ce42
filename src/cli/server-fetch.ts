import { PlatformError } from '#errors/platform-error.ts'
import { safeText } from './safe-text.ts'

interface Telling {
  readonly server: string
  /** Of this command line; a platform that takes only newer ones refuses it. */
  readonly version: string
  /** A line for each request and each answer, as --verbose asks for. */
  readonly verbose: boolean
  readonly stderr: { write(text: string): unknown }
}

/** A server that is not there is one clear error, not a stack of sockets. Headers and bodies are never told: they hold secrets. */
export function serverFetch({ server, version, verbose, stderr }: Telling): typeof globalThis.fetch {
  const tell = (line: string) => {
    if (verbose) stderr.write(`${safeText(line, false)}\n`)
  }
  return async (input, init) => {
    const request = new Request(input, init)
    request.headers.set('fairway-client', `cli/${version}`)
    const started = performance.now()
    tell(`> ${request.method} ${request.url}`)
    try {
      const answer = await fetch(request)
      const ms = Math.round(performance.now() - started)
      tell(`< ${answer.status} in ${ms} ms, request ${answer.headers.get('x-request-id') ?? 'without an id'}`)
      return answer
    } catch (cause) {
      tell(`< no answer after ${Math.round(performance.now() - started)} ms`)
      throw new PlatformError('SERVER_UNREACHABLE', `no answer from ${server}`, {
        cause,
        hint: 'start it with npm start, or set FAIRWAY_SERVER',
      })
    }
  }
}
