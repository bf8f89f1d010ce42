import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import serveStatic from '@fastify/static'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { refuseCrossSite } from '#api/authenticate.ts'
import { registerProblems } from '#api/problems.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { exchangeVersions } from './client-version.ts'
import { cameFromOutside } from './outside-door.ts'
import { isLoopback } from './require-loopback.ts'

const openApi = join(import.meta.dirname, '../../docs/reference/openapi.json')
const portal = join(import.meta.dirname, '../../portal/dist')

export interface HttpApp {
  readonly app: FastifyInstance
  /** Every address that is mounted, also later, as `METHOD /path`. */
  readonly addresses: readonly string[]
  /** From now on requests are answered; before, only the platform's own Git traffic is. */
  ready(): void
}

export interface HttpOptions {
  readonly port: number
  readonly log: Logger
  /** How long a sender may take for its headers, and for the body of a request to the API. */
  readonly patience?: { readonly headersMs: number; readonly bodyMs: number }
}

const usualPatience = { headersMs: 20_000, bodyMs: 15_000 }

/** The HTTP server with everything that holds for every route: headers, cookies, problems, health, and the portal's files. */
export async function httpApp({ port, log, patience = usualPatience }: HttpOptions): Promise<HttpApp> {
  let isReady = false
  const app = Fastify({
    loggerInstance: log.child({ part: 'http' }, { level: 'warn' }) as never,
    bodyLimit: 1_048_576,
    forceCloseConnections: true,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    requestTimeout: 600_000, // a large push takes its time
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.headersMs / 2 },
  }) as unknown as FastifyInstance
  const addresses: string[] = []
  app.addHook('onRoute', ({ method, url }) => void addresses.push(...[method].flat().map((one) => `${one} ${url}`)))
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    crossOriginEmbedderPolicy: false,
    strictTransportSecurity: false,
    frameguard: { action: 'deny' },
  })
  app.removeContentTypeParser('text/plain') // a form of another site can send it
  refuseDeepJson(app)
  registerProblems(app)
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    if (isPersonal(request.url)) void reply.header('vary', 'cookie, authorization')
    if (!cameFromOutside(request.raw)) refuseForeignHost(request.headers.host, port)
    const open =
      isReady || request.url.startsWith('/git/') || request.url === '/healthz' || request.url.startsWith('/otlp/')
    if (!open) throw new PlatformError('SERVER_BUSY', 'the platform is starting', { hint: 'repeat in a moment' })
    if (!request.url.startsWith('/api/')) return
    exchangeVersions(request, reply)
    void reply.header('cache-control', 'private, no-store')
    cutOffSlow(request, patience.bodyMs)
    refuseCrossSite(request)
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async () => ({ status: 'ready' }))
  app.get('/api/openapi.json', async (_, reply) => reply.type('application/json').send(await readFile(openApi)))
  await mountPortal(app)
  return {
    app,
    addresses,
    ready() {
      isReady = true
    },
  }
}

const deepest = 64

/** Before it is parsed, which costs more than counting brackets. */
function refuseDeepJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (depthOf(body) <= deepest) void parse(request, body, done)
    else done(new PlatformError('INPUT_INVALID', `JSON nested deeper than ${deepest} is not read`))
  })
}

/** Brackets that are open at once, outside strings. */
function depthOf(json: string): number {
  let [depth, most] = [0, 0]
  for (const [bracket] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (bracket === '[' || bracket === '{') most = Math.max(most, ++depth)
    else if (bracket === ']' || bracket === '}') depth--
  }
  return most
}

/** A body that does not arrive holds no connection. */
function cutOffSlow({ raw }: FastifyRequest, ms: number): void {
  if (raw.complete || raw.method === 'GET') return
  const timer = setTimeout(() => {
    if (!raw.complete) raw.destroy()
  }, ms)
  raw.once('close', () => clearTimeout(timer))
}

/** Answers that depend on who asks: no cache may take one for another. */
function isPersonal(url: string): boolean {
  return /^\/(api|git|otlp)\//.test(url)
}

const self = ["'self'"]
const policy = {
  defaultSrc: self,
  scriptSrc: self,
  styleSrc: self,
  imgSrc: ["'self'", 'data:'],
  connectSrc: self,
  fontSrc: self,
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: self,
  formAction: self,
}

/** The page's own policy: the style sheets that the portal writes while it runs carry a word that only this answer knows. */
function pagePolicy(nonce: string): string {
  const directives = { ...policy, styleSrc: [...self, `'nonce-${nonce}'`] }
  return Object.entries(directives)
    .map(
      ([name, sources]) => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`,
    )
    .join('; ')
}

/** A page of another site that resolves its name to this machine must not reach us (DNS rebinding). */
function refuseForeignHost(header: string | undefined, port: number): void {
  const name = (header ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  if (!isLoopback(name)) throw new PlatformError('CROSS_SITE_REFUSED', `this server answers as localhost:${port} only`)
}

/** The portal's built files; every other address under `/` is the portal's own route. */
async function mountPortal(app: FastifyInstance): Promise<void> {
  if (!existsSync(join(portal, 'index.html'))) return
  // read from disk on each request: a portal that is built anew under a running server keeps working
  await app.register(serveStatic, { root: portal, serve: false, preCompressed: true })
  app.get('/assets/*', { schema: { hide: true } as never }, async (request, reply) =>
    reply.sendFile(`assets/${(request.params as { '*': string })['*']}`, { maxAge: '365d', immutable: true }),
  )
  for (const name of ['favicon.svg', 'color-scheme.js'])
    app.get(`/${name}`, { schema: { hide: true } as never }, async (_, reply) => reply.sendFile(name, { maxAge: '1h' }))
  app.get('/*', { schema: { hide: true } as never }, async (request, reply) => {
    if (/^\/(api|git|otlp|agent)(?=[/?]|$)/.test(request.url))
      throw new PlatformError('NOT_FOUND', `there is nothing at ${request.url.split('?')[0]}`)
    const nonce = randomBytes(16).toString('base64')
    const page = await readFile(join(portal, 'index.html'), 'utf8')
    return reply
      .header('cache-control', 'no-store')
      .header('content-security-policy', pagePolicy(nonce))
      .type('text/html; charset=utf-8')
      .send(page.replace('STYLE_NONCE', nonce))
  })
}
