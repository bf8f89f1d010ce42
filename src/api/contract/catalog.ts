import { z } from 'zod'
import { CatalogEntity } from '#model/entity.ts'
import { Environment } from '#model/environment.ts'
import { Name } from '#model/names.ts'
import { Person, Team } from '#model/people.ts'
import { Relations } from '#model/relation.ts'
import { route } from '../route.ts'
import { page, Paging } from './shared.ts'

export const listEntities = route({
  id: 'catalog.list',
  method: 'GET',
  path: '/api/v1/entities',
  summary: 'Entities of the catalog',
  access: 'signed-in',
  query: Paging.extend({
    kind: z.string().optional(),
    owner: z.string().optional(),
    q: z.string().max(200).optional(),
  }),
  reply: page(CatalogEntity).extend({ total: z.int() }),
})

export const readEntity = route({
  id: 'catalog.read',
  method: 'GET',
  path: '/api/v1/entities/:kind/:namespace/:name',
  summary: 'One entity with its relations',
  access: 'signed-in',
  params: z.object({ kind: z.string().max(40), namespace: z.string().max(63), name: z.string().max(100) }),
  reply: CatalogEntity,
})

export const entityRelations = route({
  id: 'catalog.relations',
  method: 'GET',
  path: '/api/v1/entities/:kind/:namespace/:name/relations',
  summary:
    'What an entity is to others: owner, parts, dependencies, APIs, environments; the first of them, and how many more',
  access: 'signed-in',
  params: z.object({ kind: z.string().max(40), namespace: z.string().max(63), name: z.string().max(100) }),
  reply: Relations,
})

export const validateEntity = route({
  id: 'catalog.validate',
  method: 'POST',
  path: '/api/v1/catalog/validate',
  summary: 'Check the text of a catalog-info.yaml and of a score.yaml',
  access: 'signed-in',
  repeat: { free: 'it reads and changes nothing' },
  body: z.strictObject({
    catalogInfo: z.string().max(1_048_576).optional(),
    score: z.string().max(1_048_576).optional(),
  }),
  reply: z.object({
    valid: z.boolean(),
    problems: z.array(
      z.object({ file: z.string(), line: z.int().optional(), path: z.string().optional(), message: z.string() }),
    ),
  }),
})

export const refreshCatalog = route({
  id: 'catalog.refresh',
  method: 'POST',
  path: '/api/v1/catalog/refresh',
  summary: 'Read every source again now',
  access: 'signed-in',
  reply: z.object({ entities: z.int(), problems: z.int() }),
})

export const listEnvironments = route({
  id: 'environments.list',
  method: 'GET',
  path: '/api/v1/environments',
  summary: 'Environments in promotion order',
  access: 'signed-in',
  reply: z.object({ items: z.array(Environment) }),
})

const Pointed = z.object({
  environment: z.string(),
  product: z.string(),
  dryRun: z.boolean(),
  objects: z.array(
    z.object({
      name: z.string(),
      change: z.enum(['created', 'changed', 'none', 'deleted']),
      object: z.record(z.string(), z.unknown()),
    }),
  ),
})

export const bootstrapEnvironment = route({
  id: 'environments.bootstrap',
  method: 'POST',
  path: '/api/v1/environments/:name/bootstrap',
  summary: 'Point the product that delivers there at the delivery repository; with dryRun only say what would change',
  access: 'signed-in',
  params: z.object({ name: Name }),
  body: z.strictObject({ dryRun: z.boolean().default(false) }),
  reply: Pointed,
})

export const detachEnvironment = route({
  id: 'environments.detach',
  method: 'POST',
  path: '/api/v1/environments/:name/detach',
  summary:
    'Take the product that delivers there off the delivery repository, with all it deployed; the answer names what is still there',
  access: 'signed-in',
  params: z.object({ name: Name }),
  body: z.strictObject({ dryRun: z.boolean().default(false) }),
  reply: Pointed,
})

export const listPeople = route({
  id: 'people.list',
  method: 'GET',
  path: '/api/v1/people',
  summary: 'People and teams',
  access: 'signed-in',
  reply: z.object({ people: z.array(Person), teams: z.array(Team) }),
})
