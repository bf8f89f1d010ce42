/** Plain data as YAML to read. Texts that YAML would take for something else are quoted. */
export function yamlOf(value: unknown): string {
  return `${block(value, '').trimStart()}\n`
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return value.length === 0
      ? ' []'
      : value.map((item) => `\n${indent}- ${block(item, `${indent}  `).trimStart()}`).join('')
  if (typeof value !== 'object' || value === null) return ` ${scalar(value)}`
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  if (entries.length === 0) return ' {}'
  return entries.map(([key, inner]) => `\n${indent}${scalar(key)}:${nested(inner, indent)}`).join('')
}

function nested(inner: unknown, indent: string): string {
  const deeper = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? `${indent}  ` : indent
  return block(inner, deeper)
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  const plain =
    /^[A-Za-z_/][\w ./@-]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value) && value === value.trim()
  return plain ? value : JSON.stringify(value)
}
