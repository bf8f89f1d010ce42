import type { IncomingMessage, ServerResponse } from 'node:http'

/** An answer of the gateway itself, short and free of anything about this machine: JSON unless a browser asks. */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, title, text }: GatewayAnswer,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy() // half an answer must not look like a whole one
    return
  }
  const isPage = (request.headers.accept ?? '').includes('text/html')
  const body = isPage ? page(title, text) : `${JSON.stringify({ status, title, detail: text })}\n`
  response.writeHead(status, {
    'content-type': isPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 503 && { 'retry-after': '2' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

export interface GatewayAnswer {
  readonly status: number
  readonly title: string
  readonly text: string
}

export const unknownHost: GatewayAnswer = {
  status: 404,
  title: 'No service here',
  text: 'No service answers to this name. Services are at http://<service>.<environment>.localhost.',
}

export function nothingReady(service: string, environment: string): GatewayAnswer {
  return { status: 503, title: 'Not ready', text: `${service} has no ready instance in ${environment} now.` }
}

export function brokeOff(service: string, environment: string): GatewayAnswer {
  return { status: 502, title: 'No answer', text: `${service} in ${environment} took the request and gave no answer.` }
}

// Names of places are lower-case letters, digits and hyphens, so nothing here needs escaping but by habit.
function page(title: string, text: string): string {
  const safe = (words: string) => words.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="3"><title>${safe(title)}</title>
<body style="font:16px/1.5 system-ui;max-width:40rem;margin:15vh auto;padding:0 1rem"><h1>${safe(title)}</h1><p>${safe(text)}</p></body></html>
`
}
