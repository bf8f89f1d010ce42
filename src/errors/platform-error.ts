import { catalogue, type ErrorCode, type ErrorKind } from './catalogue.ts'

/** One finding about one field of an input, addressed as in JSON Pointer without the leading slash: `values/port`. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

export interface PlatformErrorOptions {
  /** The next step for whoever must act, in one line. */
  readonly hint?: string
  readonly cause?: unknown
  readonly errors?: readonly FieldError[]
  /** Facts a client may show: allow-listed by whoever throws; never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** The only error class of the product. Match on `code`, never on `instanceof`: errors survive storage as data. */
export class PlatformError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly errors: readonly FieldError[]
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: PlatformErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'PlatformError'
    this.code = code
    this.hint = options.hint
    this.errors = options.errors ?? []
    this.facts = options.facts ?? {}
  }
}

/** What the catalogue says of an error. No getter: the portal carries every error class and none of the catalogue. */
export function kindOf({ code }: { readonly code: ErrorCode }): ErrorKind {
  return catalogue[code]
}

/** The code of any thrown value, also of one that was stored and read back; `undefined` when it is not ours. */
export function codeOf(thrown: unknown): ErrorCode | undefined {
  const code = (thrown as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && Object.hasOwn(catalogue, code) ? (code as ErrorCode) : undefined
}

/** Whether doing the same again may help. Foreign errors count as ours to solve, hence worth one more try. */
export function isRetryable(thrown: unknown): boolean {
  const code = codeOf(thrown)
  return code === undefined || catalogue[code].retryable
}
