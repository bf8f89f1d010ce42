import { catalogue } from '#errors/catalogue.ts'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { defineCommand } from '../command.ts'

/** The exit code that every other command gives for that refusal. */
function exitOf(text: string): number {
  try {
    const code = codeOf(JSON.parse(text))
    return code ? catalogue[code].exit : 1
  } catch {
    return 1
  }
}

export const api = defineCommand({
  usage: 'api <method> <path>',
  choices: { method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
  summary: 'Call the API directly, as gh api does',
  options: [{ flag: '--data <json>', about: 'body of the request' }],
  examples: ['fairway api GET /api/v1/services', 'fairway api POST /api/v1/catalog/refresh'],
  fields: [],
  async run({ args, options, session, out }) {
    const [method = 'GET', path = ''] = args
    if (!path.startsWith('/'))
      throw new PlatformError('USAGE', `a path begins with /, as /api/v1/services, not ${path}`)
    const token = await session.token()
    const body = options['data'] === undefined ? undefined : String(options['data'])
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const response = await session.fetch(`${session.server}${path}`, {
      method: method.toUpperCase(),
      headers,
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    out.line(text)
    return response.ok ? 0 : exitOf(text)
  },
})
