import { PlatformError } from '#errors/platform-error.ts'

/** How one question of a live check went. */
export interface Tried {
  readonly check: string
  readonly state: 'ok' | 'missing' | 'problem'
  readonly found: string
  readonly hint?: string
}

/** Runs one check. A refused credential is a missing permission, everything else that fails is a problem; both in words. */
export async function tryQuestion(check: string, ask: () => Promise<string | Omit<Tried, 'check'>>): Promise<Tried> {
  try {
    const found = await ask()
    return typeof found === 'string' ? { check, state: 'ok', found } : { check, ...found }
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    const missing = error.code === 'PRODUCT_UNAUTHORISED' || error.code === 'PRODUCT_FORBIDDEN'
    const { message, hint } = error
    return { check, state: missing ? 'missing' : 'problem', found: message, ...(hint && { hint }) }
  }
}
