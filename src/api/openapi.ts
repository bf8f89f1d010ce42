import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { allRoutes } from './contract/all.ts'
import { registerRoutes } from './register-routes.ts'
import type { RouteDefinition } from './route.ts'

/** The OpenAPI 3.1 document of the API, from the contract alone: no server, no database. */
export async function openApiDocument(): Promise<Record<string, unknown>> {
  const app = Fastify()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fairway',
        version: 'v1',
        description: 'Everything the portal and the command line do, they do by this API.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'fairway_session' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  registerRoutes(app, {
    routes: allRoutes,
    handlers: Object.fromEntries(allRoutes.map(inert)),
    authenticate: async () => undefined,
  })
  await app.ready()
  const document = app.swagger() as unknown as Record<string, unknown>
  await app.close()
  return document
}

function inert(definition: RouteDefinition) {
  return [definition.id, async () => undefined] as const
}
