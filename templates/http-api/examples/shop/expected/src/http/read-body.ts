import type { Context } from 'hono'
import type * as z from 'zod'
import { problem } from './problem.ts'

/** The request's body as the schema has it, or the answer that says what is wrong: 400 for no JSON, 422 for wrong content. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<{ value: T } | { refusal: Response }> {
  let body: unknown
  try {
    body = JSON.parse(await c.req.text())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { refusal: problem({ status: 400, detail: 'The body is not valid JSON.' }) }
  }
  const parsed = schema.safeParse(body)
  if (parsed.success) return { value: parsed.data }
  const errors = parsed.error.issues.map(({ path, message }) => ({ pointer: pointer(path), detail: message }))
  return { refusal: problem({ status: 422, detail: 'The body does not fit its schema.', errors }) }
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
