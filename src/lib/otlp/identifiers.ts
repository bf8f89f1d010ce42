import { cleanLine } from './clean-text.ts'

/** That many hex digits in lower case, not all zero; undefined otherwise. */
export function hexOf(value: unknown, digits: 16 | 32): string | undefined {
  if (typeof value !== 'string' || value.length !== digits || !/^[0-9a-f]+$/i.test(value)) return undefined
  return /^0+$/.test(value) ? undefined : value.toLowerCase()
}

/** A short name without control characters; undefined when nothing is left. */
export function nameOf(value: unknown, length = 120): string | undefined {
  const name = typeof value === 'string' ? cleanLine(value.slice(0, length)) : ''
  return name === '' ? undefined : name
}
