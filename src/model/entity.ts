import { z } from 'zod'

/** Backstage's catalog entity, unchanged (https://backstage.io/docs/features/software-catalog/descriptor-format). */
export const Entity = z
  .object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({
      name: z.string(),
      namespace: z.string().default('default'),
      title: z.string().optional(),
      description: z.string().optional(),
      annotations: z.record(z.string(), z.string()).default({}),
      labels: z.record(z.string(), z.string()).default({}),
      tags: z.array(z.string()).default([]),
      links: z
        .array(z.object({ url: z.string(), title: z.string().optional(), icon: z.string().optional() }))
        .default([]),
    }),
    spec: z.record(z.string(), z.unknown()).default({}),
    relations: z.array(z.object({ type: z.string(), targetRef: z.string() })).default([]),
  })
  .meta({ id: 'Entity' })
export type Entity = z.infer<typeof Entity>

/** An entity with where it was read and when: a fact without its age is not shown. */
export const CatalogEntity = z
  .object({
    ref: z.string(),
    entity: Entity,
    source: z.string(),
    readAt: z.iso.datetime(),
    commit: z.string().optional(),
    problem: z.string().optional(),
  })
  .meta({ id: 'CatalogEntity' })
export type CatalogEntity = z.infer<typeof CatalogEntity>

/** `kind:namespace/name`, lower case, as Backstage writes references. */
export function entityRef(entity: { kind: string; metadata: { namespace?: string; name: string } }): string {
  return `${entity.kind}:${entity.metadata.namespace ?? 'default'}/${entity.metadata.name}`.toLowerCase()
}

/** Set by the platform on a Component that does not use score.yaml: `helm` or `kustomize`. */
export const packagingAnnotation = 'fairway.dev/packaging'

/** How a service is packaged; `score` is the default path. */
export const Packaging = z.enum(['score', 'helm', 'kustomize'])
export type Packaging = z.infer<typeof Packaging>
