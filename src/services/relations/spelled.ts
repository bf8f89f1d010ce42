import { entityRef } from '#model/entity.ts'

/** The kind that a field of Backstage's format means where its text names none. */
const kindOfField: Readonly<Record<string, string>> = {
  owner: 'group',
  system: 'system',
  domain: 'domain',
  parent: 'group',
  children: 'group',
  members: 'user',
  memberOf: 'group',
  subcomponentOf: 'component',
  providesApis: 'api',
  consumesApis: 'api',
}

/** `kind:namespace/name` of what a field names; `dependsOn` and the like name the kind themselves. */
export function refIn(field: string, text: string): string {
  const [, kind = kindOfField[field] ?? 'component', namespace = 'default', name = ''] =
    /^(?:([^:/]+):)?(?:([^:/]+)\/)?([^:/]+)$/.exec(text) ?? []
  return entityRef({ kind, metadata: { namespace, name } })
}

/** Every way in which a description may write a reference. */
export function spellingsOf(ref: string): string[] {
  const { kind, namespace, name } = partsOf(ref)
  const inDefault = namespace === 'default' ? [name, `${kind}:${name}`, `default/${name}`] : []
  return [ref, `${namespace}/${name}`, ...inDefault]
}

export function partsOf(ref: string): { kind: string; namespace: string; name: string } {
  const [, kind = '', namespace = '', name = ''] = /^([^:]+):([^/]+)\/(.+)$/.exec(ref) ?? []
  return { kind, namespace, name }
}

/** The texts of a field, which may be one or a list. */
export function textsIn(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value]
  return all.filter((one): one is string => typeof one === 'string' && one !== '')
}
