/** A part of a text: as it stands, or a reference `${…}` that something must resolve. */
export type TextPart = { readonly text: string } | { readonly reference: readonly string[]; readonly source: string }

/** Splits a text as Score does: `${metadata.name}` is a reference, `$$` a dollar, `$${` an escaped brace; `\.` keeps a dot inside a part. */
export function splitPlaceholders(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(/\$(?:(\$)|\{([^}]*)\})/g)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    const reference = match[2]
    parts.push(reference === undefined ? { text: '$' } : { reference: splitReference(reference), source: match[0] })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/** The text with every reference replaced. */
export function fillPlaceholders(text: string, valueOf: (reference: readonly string[]) => string): string {
  return splitPlaceholders(text)
    .map((part) => ('text' in part ? part.text : valueOf(part.reference)))
    .join('')
}

function splitReference(reference: string): string[] {
  return reference.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'))
}
