import { PlatformError } from '#errors/platform-error.ts'
import type { HttpAnswer } from './exchange.ts'

/** What a status means, in our codes. `scope` is the permission that the request needed. */
export function refusal(product: string, answer: HttpAnswer, scope?: string): PlatformError {
  const { status } = answer
  const said = oneLine(answer.text)
  const facts = { status }
  if (status === 401)
    return new PlatformError('PRODUCT_UNAUTHORISED', `${product} does not take the credential (401)`, {
      hint: 'put a valid one where fairway.yaml says; it is read again at the next use',
      facts,
    })
  if (status === 403) {
    const lacks = scope ? `the credential lacks ${scope}` : 'the credential lacks a permission'
    return new PlatformError('PRODUCT_FORBIDDEN', `${product} refuses: ${lacks} (${said || '403'})`, {
      facts: { ...facts, ...(scope && { scope }) },
    })
  }
  if (status >= 300 && status < 400)
    return new PlatformError('PRODUCT_FAILED', `${product} sends elsewhere (${status}), which is not followed`, {
      hint: 'name the address in fairway.yaml that answers itself',
      facts,
    })
  return new PlatformError('PRODUCT_FAILED', `${product} answered ${status}: ${said}`, { facts })
}

/** The first words, without what could move a cursor. */
function oneLine(text: string): string {
  const words = text.slice(0, 300).split(/[\p{Cc}\s]+/u)
  return words.join(' ').trim()
}
