import { apiClient, type ApiClient } from './client.ts'

/** Something asked of the platform. Whoever gives it a client decides whether it is sent or only written down. */
export type Asking = (client: ApiClient) => Promise<unknown>

/** The line for a shell that sends exactly what `asking` would send. It names $FAIRWAY_TOKEN and never holds a session. */
export async function curlOf(asking: Asking, baseUrl: string): Promise<string> {
  let written: Request | undefined
  const writeDown: typeof fetch = async (input, options) => {
    written = new Request(input, options)
    return Response.json({})
  }
  await asking(apiClient({ baseUrl, fetch: writeDown }))
  if (!written) throw new Error('this asks nothing of the platform')
  return curlLine(written)
}

async function curlLine(request: Request): Promise<string> {
  const body = await request.text()
  const headers = [...request.headers].filter(([name]) => body !== '' || name !== 'content-type')
  return [
    'curl --fail-with-body -sS',
    ...(request.method === 'GET' ? [] : [`-X ${request.method}`]),
    shellWord(request.url),
    '-H "Authorization: Bearer $FAIRWAY_TOKEN"',
    ...headers.map(([name, value]) => `-H ${shellWord(`${name}: ${value}`)}`),
    ...(body === '' ? [] : [`--data-raw ${shellWord(withVisibleText(body))}`]),
  ].join(' ')
}

/** One word of a POSIX shell that is this text, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./:,+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** The same JSON with escapes where a terminal would obey, hide or reorder what is pasted. */
function withVisibleText(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
