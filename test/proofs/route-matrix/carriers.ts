import { workloadToken } from '#lib/workload-token.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestControlPlane } from '../../../testing/control-plane.ts'
import { sessionOf, type Visitor } from './people.ts'

/** How a credential travels, and whether it travels as it should. */
export interface Carried {
  readonly headers: Readonly<Record<string, string>>
  readonly query?: string
}

type Carry = (plane: TestControlPlane, visitor: Visitor) => Promise<Carried>

const none: Carried = { headers: {} }
const bearer = (token: string): Carried => ({ headers: { authorization: `Bearer ${token}` } })
const basic = (user: string, password: string): Carried => ({
  headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
})
const cookie = ({ port }: TestControlPlane, token: string): Carried => ({
  headers: { cookie: `fairway_session_${port}=${token}` },
})

/** Every way that a credential may come; which of them opens what is said by `opens`. */
const ways = {
  cookie: async (plane, visitor) =>
    carriedBy(await sessionOf(plane, visitor, 'cookie'), (token) => cookie(plane, token)),
  bearer: async (plane, visitor) => carriedBy(await sessionOf(plane, visitor, 'token'), bearer),
  'basic, as Git': async (plane, visitor) =>
    carriedBy(await sessionOf(plane, visitor, 'token'), (token) => basic(visitor.name, token)),
  'a cookie’s token as bearer': async (plane, visitor) => carriedBy(await sessionOf(plane, visitor, 'cookie'), bearer),
  'a bearer token as cookie': async (plane, visitor) =>
    carriedBy(await sessionOf(plane, visitor, 'token'), (token) => cookie(plane, token)),
  'a cookie’s token as Git': async (plane, visitor) =>
    carriedBy(await sessionOf(plane, visitor, 'cookie'), (token) => basic(visitor.name, token)),
  'in the query': async (plane, visitor) =>
    carriedBy(await sessionOf(plane, visitor, 'token'), (token) => ({
      headers: {},
      query: `token=${token}&access_token=${token}&authorization=Bearer%20${token}`,
    })),
  'a workload’s token': async (plane) => bearer(await workloadTokenOf(plane)),
  'the agent’s key': async ({ dataFolder }) => basic('agent', await secret(dataFolder, 'agent-git-key')),
  'the agent’s token for secrets': async ({ dataFolder }) => bearer(await secret(dataFolder, 'agent-secrets-key')),
  'the login key as bearer': async ({ key }) => bearer(key),
  'headers of a proxy': async (_, { name }) => ({
    headers: {
      'x-forwarded-user': name,
      'x-forwarded-email': `${name}@example.com`,
      'x-remote-user': name,
      'remote-user': name,
      'x-auth-request-user': name,
      'x-forwarded-for': '10.0.0.1',
      'x-original-url': '/healthz',
      'x-http-method-override': 'GET',
    },
  }),
} satisfies Record<string, Carry>

export type Carrier = keyof typeof ways

export const carriers: Readonly<Record<Carrier, Carry>> = ways

export const carrierNames = Object.keys(carriers) as Carrier[]

/** The carriers that open each family of addresses. */
export const opens: Readonly<Record<'api' | 'git' | 'workload' | 'agent', readonly Carrier[]>> = {
  api: ['cookie', 'bearer'],
  git: ['basic, as Git'],
  workload: ['a workload’s token'],
  agent: ['the agent’s token for secrets'],
}

function carriedBy(token: string | undefined, how: (token: string) => Carried): Carried {
  return token === undefined ? none : how(token)
}

async function workloadTokenOf({ dataFolder }: TestControlPlane): Promise<string> {
  const identity = { service: 'shop', environment: 'dev', owner: 'team-a' }
  return workloadToken(await secret(dataFolder, 'otlp-secret'), identity)
}

async function secret(folder: string, name: string): Promise<string> {
  return (await readFile(join(folder, name), 'utf8')).trim()
}
