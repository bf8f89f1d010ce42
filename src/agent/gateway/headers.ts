import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'

// RFC 9110 section 7.6.1, and the older ones that some clients still send.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers for the instance: what concerns one hop is left out, and who asked is said by us, not by the client. */
export function requestHeaders(request: IncomingMessage, { upgrade = false } = {}): OutgoingHttpHeaders {
  const headers = passed(request)
  const { host } = request.headers
  if (host !== undefined) headers['host'] = host
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked'
  headers['x-forwarded-for'] = request.socket.remoteAddress ?? '127.0.0.1'
  headers['x-forwarded-host'] = host ?? ''
  headers['x-forwarded-proto'] = 'http'
  if (upgrade) {
    headers['connection'] = 'upgrade'
    headers['upgrade'] = request.headers.upgrade ?? 'websocket'
  }
  return headers
}

/** Headers for the client. */
export function responseHeaders(reply: IncomingMessage): OutgoingHttpHeaders {
  return passed(reply)
}

// From the raw list, so that repeated headers such as Set-Cookie stay apart.
function passed({ rawHeaders, headers }: IncomingMessage): OutgoingHttpHeaders {
  const named = new Set(
    (headers.connection ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  const result: Record<string, string | string[]> = Object.create(null)
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    if (hopByHop.has(name) || named.has(name) || name === 'host') continue
    const before = result[name]
    result[name] = before === undefined ? value : [before, value].flat()
  }
  return result
}
