import { readYaml } from '#lib/yaml/read-yaml.ts'
import { splitPlaceholders } from './placeholders.ts'
import type { Score } from './schema.ts'

/** A key of a secret resource. Together, `<resource>.<key>`, they are the name people set it under. */
export interface SecretReference {
  /** The resource's id, else its name in score.yaml. */
  readonly resource: string
  readonly key: string
}

/** The secret that a text is; undefined when it is something else. Text around a secret is refused by parseScore. */
export function secretReference(score: Score, text: string): SecretReference | undefined {
  const [part, ...others] = splitPlaceholders(text)
  if (others.length > 0 || !part || !('reference' in part)) return undefined
  const [root, name = '', key = ''] = part.reference
  if (root !== 'resources' || !Object.hasOwn(score.resources, name)) return undefined
  const resource = score.resources[name]
  return resource?.type === 'secret' ? { resource: resource.id ?? name, key } : undefined
}

/** Name of the Kubernetes Secret that holds a resource's keys: it carries the service, so that no service names another's. */
export function secretObjectName(service: string, resource: string): string {
  return `${service}-${resource}`
}

/** Names of all secrets that a workload asks for, sorted, each once. */
export function secretNamesOf(score: Score): string[] {
  const texts = Object.values(score.containers).flatMap(({ variables, files = {} }) => [
    ...Object.values(variables),
    ...(Array.isArray(files) ? files : Object.values(files)).flatMap(({ content, noExpand }) =>
      content === undefined || noExpand ? [] : [content],
    ),
  ])
  return sortedOnce(texts.map((text) => secretReference(score, text)).filter((one) => one !== undefined))
}

/** Names of all secrets that rendered manifests of a service ask for: what the runtime will look for. */
export function secretNamesIn(
  files: readonly { readonly path: string; readonly content: string }[],
  service: string,
): string[] {
  const found: SecretReference[] = []
  const add = (object: unknown, key: unknown) => {
    if (typeof object !== 'string' || typeof key !== 'string') return
    const prefix = secretObjectName(service, '')
    found.push({ resource: object.startsWith(prefix) ? object.slice(prefix.length) : object, key })
  }
  for (const { path, content } of files)
    if (path === 'deployment.yaml')
      for (const { value } of readYaml(content, { code: 'SETTINGS_INVALID', file: path })) visit(value, add)
  return sortedOnce(found)
}

function visit(value: unknown, add: (object: unknown, key: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return
  const node = value as Record<string, unknown>
  const reference = node['secretKeyRef'] as { name?: unknown; key?: unknown; optional?: unknown } | undefined
  if (reference && reference.optional !== true) add(reference.name, reference.key)
  const volume = node['secret'] as { secretName?: unknown; items?: { key?: unknown }[] } | undefined
  for (const { key } of volume?.items ?? []) add(volume?.secretName, key)
  for (const child of Object.values(node)) visit(child, add)
}

function sortedOnce(references: readonly SecretReference[]): string[] {
  return [...new Set(references.map(({ resource, key }) => `${resource}.${key}`))].toSorted()
}
