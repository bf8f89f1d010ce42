import { catalogue } from './catalogue.ts'
import { codeOf, type FieldError } from './platform-error.ts'

/** RFC 9457 problem details with our code; the same shape as `Problem` in the model. */
export interface ProblemDetails {
  type: string
  title: string
  status: number
  code: string
  detail: string
  retryable: boolean
  hint?: string
  errors?: FieldError[]
  facts?: Record<string, unknown>
}

/** A thrown value as stored and answered data: allow-listed fields, never a stack, SQL or a path of this machine. */
export function problemOf(thrown: unknown, fallback: 'STEP_FAILED' | 'INTERNAL' = 'INTERNAL'): ProblemDetails {
  const known = codeOf(thrown)
  const code = known ?? fallback
  const { status, retryable } = catalogue[code]
  const error = thrown as
    | { message?: string; hint?: string; errors?: FieldError[]; facts?: Record<string, unknown> }
    | undefined
  return {
    type: `/docs/errors#${code}`,
    title: catalogue[code].about,
    status,
    code,
    detail: known ? (error?.message ?? code) : 'an error nobody foresaw; the log of the control plane has it',
    retryable,
    ...(known && error?.hint && { hint: error.hint }),
    ...(known && error?.errors && error.errors.length > 0 && { errors: [...error.errors] }),
    ...(known && error?.facts && Object.keys(error.facts).length > 0 && { facts: { ...error.facts } }),
  }
}
