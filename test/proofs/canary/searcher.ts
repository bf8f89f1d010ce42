/** A credential that must be found nowhere but where it lives. */
export interface Canary {
  readonly name: string
  readonly value: string
}

/** Finds canaries in bytes, in six encodings. */
export interface Searcher {
  /** Which canaries stand in the bytes, as `name as encoding`. */
  search(bytes: Buffer): string[]
}

export function searcher(canaries: readonly Canary[]): Searcher {
  const needles = canaries.flatMap(({ name, value }) =>
    Object.entries(encodings(value)).flatMap(([encoding, forms]) =>
      forms.map((form) => ({ label: `${name} as ${encoding}`, bytes: Buffer.from(form) })),
    ),
  )
  return {
    search: (bytes) => [...new Set(needles.filter((one) => bytes.includes(one.bytes)).map(({ label }) => label))],
  }
}

/** The forms of a value; base64 also as it stands inside a longer text, at each of the three places of a group. */
export function encodings(value: string): Record<string, string[]> {
  const bytes = Buffer.from(value)
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '')
    return text.slice(before === 0 ? 0 : before + 1, (before + bytes.length) % 3 === 0 ? undefined : -1)
  })
  return {
    raw: [value],
    base64,
    base64url: base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    hex: [bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    'URL-encoded': [encodeURIComponent(value)],
    'JSON-escaped': [JSON.stringify(value).slice(1, -1)],
  }
}
