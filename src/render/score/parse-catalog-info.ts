import { z } from 'zod'
import { Entity } from '#model/entity.ts'
import { isSafeLink } from '#model/safe-link.ts'
import { type FieldIssue, invalidFields, issuesOf, readYaml } from '#lib/yaml/read-yaml.ts'
import { PlatformError } from '#errors/platform-error.ts'

/** Kinds that a team's repository may describe; groups, users and templates come from the platform repository. */
export const teamKinds = ['Component', 'API', 'Resource', 'System'] as const

const Link = z.looseObject({
  url: z.string('a link needs an address').refine(isSafeLink, 'a link begins with https://, http:// or mailto:'),
})

const Owned = z.looseObject({
  apiVersion: z.literal(['backstage.io/v1alpha1', 'backstage.io/v1beta1'], 'use backstage.io/v1alpha1'),
  kind: z.literal([...teamKinds], `a team's repository may describe ${teamKinds.join(', ')}`),
  metadata: z.looseObject({
    name: z
      .string('a name is needed')
      .regex(/^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'use letters, digits and -_. between them'),
    namespace: z
      .string()
      .regex(/^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'use lower-case letters, digits and - between them')
      .optional(),
    links: z.array(Link).max(100).optional(),
    annotations: z
      .record(z.string(), z.string().refine(isNoScript, 'an address here begins with https://, http:// or mailto:'))
      .optional(),
  }),
  spec: z.looseObject({ owner: z.string('an owner is needed').min(1, 'an owner is needed') }),
})
const needed: Readonly<Record<(typeof teamKinds)[number], readonly string[]>> = {
  Component: ['type', 'lifecycle'],
  API: ['type', 'lifecycle'],
  Resource: ['type'],
  System: [],
}

/** Reads catalog-info.yaml, one entity per document. CATALOG_INFO_INVALID names document, line and field. */
export function parseCatalogInfo(text: string): readonly Entity[] {
  const code = 'CATALOG_INFO_INVALID'
  const documents = readYaml(text, { code, file: 'catalog-info.yaml' })
    .map((yaml, index) => ({ yaml, source: { code, file: `catalog-info.yaml document ${index + 1},` } as const }))
    .filter(({ yaml }) => yaml.value !== null) // a trailing --- makes an empty document
  if (documents.length === 0) throw new PlatformError(code, 'catalog-info.yaml describes nothing.')
  const entities = documents.map(({ yaml, source }) => {
    const owned = Owned.safeParse(yaml.value)
    if (!owned.success) throw invalidFields(issuesOf(owned.error), yaml, source)
    const entity = Entity.safeParse(yaml.value)
    if (!entity.success) throw invalidFields(issuesOf(entity.error), yaml, source)
    const missing = missingFields(owned.data)
    if (missing.length > 0) throw invalidFields(missing, yaml, source)
    return entity.data
  })
  refuseTwice(entities)
  return entities
}

function missingFields({ kind, spec }: z.infer<typeof Owned>): FieldIssue[] {
  return needed[kind]
    .filter((field) => !isText(spec[field]))
    .map((field) => ({ path: ['spec', field], message: `${kind} needs this text` }))
}

/** Annotations are often shown as links: one that begins with a scheme begins with a safe one. */
function isNoScript(text: string): boolean {
  return !/^(javascript|data|vbscript|file|blob|view-source):/i.test(text.replaceAll(/[\s\p{C}]/gu, ''))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function refuseTwice(entities: readonly Entity[]): void {
  const seen = new Set<string>()
  for (const { kind, metadata } of entities) {
    const name = `${kind}:${metadata.namespace}/${metadata.name}`.toLowerCase()
    if (seen.has(name)) throw new PlatformError('CATALOG_INFO_INVALID', `catalog-info.yaml describes ${name} twice.`)
    seen.add(name)
  }
}
