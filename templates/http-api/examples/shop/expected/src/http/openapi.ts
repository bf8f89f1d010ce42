import * as z from 'zod'
import { serviceName } from '../config.ts'
import { Item, NewItem } from '../items/item.ts'

const Greeting = z.object({ greeting: z.string(), name: z.string(), version: z.string(), environment: z.string() })
const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  traceId: z.string().optional(),
})

/** The service's OpenAPI 3.1 document. `npm run openapi` writes it to openapi.json for the catalog. */
export function openapi() {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
  return {
    openapi: '3.1.0',
    info: { title: serviceName, version: '1.0.0' },
    paths: {
      '/': {
        get: { operationId: 'greet', summary: 'Greet', responses: { 200: answer('The greeting', ref('Greeting')) } },
      },
      '/items': {
        get: {
          operationId: 'listItems',
          summary: 'List the items',
          responses: {
            200: answer('All items', { type: 'object', required: ['items'], properties: { items: listOf('Item') } }),
          },
        },
        post: {
          operationId: 'createItem',
          summary: 'Create an item',
          requestBody: { required: true, content: { 'application/json': { schema: ref('NewItem') } } },
          responses: {
            201: answer('The new item', ref('Item')),
            400: refusal('The body is not JSON'),
            413: refusal('The body is too large'),
            422: refusal('The body does not fit'),
          },
        },
      },
      '/items/{id}': {
        get: {
          operationId: 'getItem',
          summary: 'Get one item',
          parameters: [id],
          responses: { 200: answer('The item', ref('Item')), 404: refusal('No such item') },
        },
      },
    },
    components: {
      schemas: {
        Greeting: jsonSchema(Greeting),
        Item: jsonSchema(Item),
        NewItem: jsonSchema(NewItem, 'input'),
        Problem: jsonSchema(Problem),
      },
    },
  }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io })
  return rest
}

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

function listOf(name: string) {
  return { type: 'array', items: ref(name) }
}

function answer(description: string, schema: object) {
  return { description, content: { 'application/json': { schema } } }
}

function refusal(description: string) {
  return { description, content: { 'application/problem+json': { schema: ref('Problem') } } }
}
