/** Puts `*` over every secret in the bytes, in place and byte for byte, so that lengths and JSON stay right. True when there was one. */
export interface SecretMask {
  (bytes: Buffer): boolean
  /** Bytes of the longest form: a piece shorter than this may be the beginning of a secret. */
  readonly longest: number
}

/** Shorter ones would blank out ordinary words. */
export const shortestMasked = 6

/** A mask over the values in all forms that programs print them in; undefined when there is nothing to mask. */
export function secretMask(values: readonly string[]): SecretMask | undefined {
  const forms = [...new Set(values.filter(isLong).flatMap(formsOf))].filter(isLong).map((form) => Buffer.from(form))
  if (forms.length === 0) return undefined
  // The longest first: a form inside another would leave the rest of it standing.
  forms.sort((a, b) => b.length - a.length)
  const mask = (bytes: Buffer) => {
    let found = false
    for (const form of forms)
      for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + form.length)) {
        bytes.fill('*', at, at + form.length)
        found = true
      }
    return found
  }
  return Object.assign(mask, { longest: forms[0]?.length ?? 0 })
}

/** The same for a text. */
export function maskText(text: string, mask: SecretMask | undefined): string {
  if (!mask) return text
  const bytes = Buffer.from(text)
  return mask(bytes) ? bytes.toString('utf8') : text
}

function isLong(text: string): boolean {
  return text.length >= shortestMasked
}

function formsOf(value: string): string[] {
  const json = inJson(value)
  const url = encodeURIComponent(value)
  const hex = Buffer.from(value).toString('hex')
  return [
    value,
    json,
    inJson(json),
    url,
    url.replaceAll('%20', '+'),
    url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURI(value),
    hex,
    hex.toUpperCase(),
    ...base64Forms(value),
    ...linesOf(value),
  ]
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

// Inside a longer text that is encoded as a whole, a value begins at any of three places of a group; what its
// neighbours decide at both ends is left out.
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const whole = text.slice(Math.ceil((before * 8) / 6))
    const own = (before + bytes.length) % 3 === 0 ? whole : whole.slice(0, -1)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

// A key in PEM form is printed line by line; its first and last line are no secret.
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim())
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= 16 && !line.startsWith('-----'))
}
