import type { KubernetesObject } from './objects.ts'

export interface ChangedField {
  /** As `Deployment/shop spec.replicas`. */
  readonly field: string
  readonly wanted?: string
  readonly live?: string
}

/**
 * Where a live object does not have what the wanted one states. What only the cluster states (defaults, status) is no
 * difference, but an element that was added to a list of ours is. Values that may be secret are never told.
 */
export function changedFields(wanted: KubernetesObject, live: KubernetesObject | undefined): ChangedField[] {
  const name = `${wanted.kind}/${wanted.metadata.name}`
  if (!live) return [{ field: name, wanted: 'present' }]
  const { metadata, status: _, apiVersion: __, kind: ___, ...rest } = wanted
  const found = compare({ ...rest, metadata: { labels: metadata.labels, annotations: metadata.annotations } }, live, [])
  return found.map(({ path, ...sides }) => ({ field: `${name} ${path}`, ...sides }))
}

interface Found {
  readonly path: string
  readonly wanted?: string
  readonly live?: string
}

function compare(wanted: unknown, live: unknown, path: readonly string[]): Found[] {
  if (wanted === undefined || wanted === null) return []
  if (Array.isArray(wanted)) return compareLists(wanted, Array.isArray(live) ? live : [], path)
  if (typeof wanted === 'object') return compareMaps(wanted, isMap(live) ? live : {}, path)
  return isSame(wanted, live, path) ? [] : [told(path, wanted, live)]
}

function compareMaps(wanted: object, live: Readonly<Record<string, unknown>>, path: readonly string[]): Found[] {
  const own = Object.entries(wanted).flatMap(([key, value]) => compare(value, live[key], [...path, key]))
  const added = path.at(-1) === 'data' ? Object.keys(live).filter((key) => !(key in wanted)) : []
  return [...own, ...added.map((key) => told([...path, key], undefined, live[key]))]
}

function compareLists(wanted: readonly unknown[], live: readonly unknown[], path: readonly string[]): Found[] {
  const key = keysOf.find((name) => wanted.every((one) => isMap(one) && one[name] !== undefined))
  if (!key) {
    if (wanted.length !== live.length) return [told(path, wanted, live)]
    return wanted.flatMap((one, index) => compare(one, live[index], [...path, String(index)]))
  }
  const named = (list: readonly unknown[]) => new Map(list.filter(isMap).map((one) => [String(one[key]), one]))
  const [ours, theirs] = [named(wanted), named(live)]
  const own = [...ours].flatMap(([name, one]) => {
    const there = theirs.get(name)
    return there ? compare(one, there, [...path, name]) : [told([...path, name], 'present', undefined)]
  })
  const added = [...theirs.keys()].filter((name) => !ours.has(name))
  return [...own, ...added.map((name) => told([...path, name], undefined, 'present'))]
}

const keysOf = ['name', 'mountPath', 'containerPort', 'port']

function told(path: readonly string[], wanted: unknown, live: unknown): Found {
  const isHidden = path.includes('env') || path.includes('data') || path.includes('stringData')
  if (isHidden)
    return {
      path: path.join('.'),
      ...(wanted !== undefined && { wanted: 'as in Git' }),
      ...(live !== undefined && { live: 'another value' }),
    }
  return { path: path.join('.'), ...textOf('wanted', wanted), ...textOf('live', live) }
}

function textOf(side: 'wanted' | 'live', value: unknown): object {
  if (value === undefined) return {}
  return { [side]: typeof value === 'string' ? value : JSON.stringify(value) }
}

function isSame(wanted: unknown, live: unknown, path: readonly string[]): boolean {
  if (wanted === live) return true
  const isQuantity = path.some((key) => ['limits', 'requests', 'hard', 'sizeLimit'].includes(key))
  if (isQuantity) return amountOf(String(wanted)) === amountOf(String(live))
  // Left out of the live object where it is the zero of its kind.
  return live === undefined && (wanted === '' || wanted === false || wanted === 0)
}

/** `500m`, `0.5`, `1Gi` as a number; the text itself where it is none. */
function amountOf(text: string): number | string {
  const [, digits, unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text) ?? []
  const factor = factors[unit]
  return digits === undefined || factor === undefined ? text : Math.round(Number(digits) * factor * 1000)
}

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 0.001,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
