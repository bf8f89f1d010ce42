import { z } from 'zod'

/** What one entity is to another, in words, seen from the one that is looked at. */
export const RelationKind = z.enum([
  'owned by',
  'owns',
  'part of',
  'has part',
  'depends on',
  'needed by',
  'provides',
  'provided by',
  'consumes',
  'consumed by',
  'member of',
  'has member',
  'runs in',
  'runs',
  'uses secret',
])
export type RelationKind = z.infer<typeof RelationKind>

/** One relation of an entity with what stands at its other end, and where that was read. */
export const Relation = z
  .object({
    relation: RelationKind,
    /** The layer it is drawn in: what it rests on is `below`, what rests on it `above`, groups and owners `left`, places `right`. */
    side: z.enum(['above', 'below', 'left', 'right']),
    ref: z.string(),
    kind: z.string(),
    name: z.string(),
    title: z.string().optional(),
    /** Page of the portal; absent for something the catalog does not have. */
    link: z.string().optional(),
    /** How it stands there, where that is known: the health of a service in an environment. */
    state: z.string().optional(),
    detail: z.string().optional(),
    source: z.string(),
  })
  .meta({ id: 'Relation' })
export type Relation = z.infer<typeof Relation>

/** Relations of an entity, the first of them when there are very many. */
export const Relations = z
  .object({
    ref: z.string(),
    kind: z.string(),
    name: z.string(),
    items: z.array(Relation),
    more: z.int(),
    readAt: z.iso.datetime(),
  })
  .meta({ id: 'Relations' })
export type Relations = z.infer<typeof Relations>
