import { PlatformError } from '#errors/platform-error.ts'

const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A Kubernetes quantity as a number: cores or bytes. SETTINGS_INVALID when it is none. */
export function quantityOf(text: string): number {
  const match = /^(\d+(?:\.\d{1,9})?|\.\d{1,9})(m|k|K|M|G|T|Ki|Mi|Gi|Ti|)$/.exec(text)
  const factor = match && factors[match[2] ?? '']
  if (!match || !factor) throw new PlatformError('SETTINGS_INVALID', `${text} is not an amount of cpu or memory.`)
  return Number(match[1]) * factor
}

/** As Kubernetes writes it: Score's `K` is `k` there, and `.5` is `0.5`. */
export function writeQuantity(text: string): string {
  quantityOf(text)
  return text.replace(/K$/, 'k').replace(/^\./, '0.')
}
