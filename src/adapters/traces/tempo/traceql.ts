import { quoted } from '#lib/promql/tree.ts'

/** A search as data: one pair of braces, joined by `&&`, so that no value can open a second one. */
export interface TraceTree {
  readonly resource: Readonly<Record<string, string>>
  readonly errorsOnly?: boolean
  readonly minDurationMs?: number
}

export function printTraceql({ resource, errorsOnly, minDurationMs }: TraceTree): string {
  const places = Object.entries(resource).map(([name, value]) => `resource.${named(name)} = ${quoted(value)}`)
  if (places.length === 0) throw new TypeError('a search without a resource would find every trace')
  const more = [
    ...(errorsOnly ? ['status = error'] : []),
    ...(minDurationMs ? [`duration >= ${Math.round(minDurationMs * 1000)}us`] : []),
  ]
  return `{ ${[...places, ...more].join(' && ')} }`
}

function named(name: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_.]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no attribute`)
  return name
}
