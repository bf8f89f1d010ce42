import { can } from '#access/can.ts'
import { type Door, type Need, otherAddresses, routeNeeds } from '#access/route-needs.ts'
import { allRoutes } from '#api/contract/all.ts'
import type { RouteDefinition } from '#api/route.ts'
import { type Carrier, carrierNames, opens } from './carriers.ts'
import type { Objects } from './objects.ts'
import { type Visitor, visitors } from './people.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly json?: unknown
  readonly body?: { readonly type: string; readonly text: string }
}

/** `open`: whatever the object's state makes of it, but neither 401 nor 403. `nothing`: any refusal, also 404. */
export type Expected = 'open' | 'sign in' | 'not allowed' | 'nothing'

export interface Cell {
  readonly route: string
  readonly visitor: Visitor
  readonly carrier: Carrier
  readonly asked: Asked
  readonly expected: Expected
}

/** Every address × visitor × carrier with the answer that the tables of src/access promise. */
export function allCells(objects: Objects, key: string): Cell[] {
  const requests = [
    ...allRoutes.flatMap((definition) => contractRequests(definition, objects, key)),
    ...otherRequests(),
  ]
  return requests.flatMap(({ route, asked, family, need, not = [] }) =>
    visitors.flatMap((visitor) =>
      carrierNames.map((carrier): Cell => {
        const isIn = visitor.session === 'good' && family !== 'everybody' && opens[family].includes(carrier)
        const expected = expectedOf(need, { visitor, isIn: isIn || isMachine(family, carrier), not })
        const isAgent = family === 'git' && carrier === 'the agent’s key'
        return { route, visitor, carrier, asked, expected: isAgent ? agentExpected(route, asked) : expected }
      }),
    ),
  )
}

interface Request {
  readonly route: string
  readonly asked: Asked
  readonly family: 'api' | 'git' | 'workload' | 'agent' | 'everybody'
  readonly need: Need
  /** Who may not although the role may: contributors of a change. */
  readonly not?: readonly string[]
}

function expectedOf(
  need: Need,
  { visitor, isIn, not }: { visitor: Visitor; isIn: boolean; not: readonly string[] },
): Expected {
  if (need === 'nobody') return 'open'
  if (!isIn) return 'sign in'
  if (need === 'signed-in') return 'open'
  const person = { roles: [...visitor.roles], teams: [...visitor.teams] }
  const isAllowed = can(person, need.action, need.on === 'team' ? 'team-a' : undefined) && !not.includes(visitor.name)
  return isAllowed ? 'open' : 'not allowed'
}

// A workload's token is its own whoever is behind it, and so is the agent's.
function isMachine(family: Request['family'], carrier: Carrier): boolean {
  return (family === 'workload' || family === 'agent') && opens[family].includes(carrier)
}

/** The agent's key opens one thing: fetching the delivery repository. */
function agentExpected(route: string, { path }: Asked): Expected {
  const isFetch = path.includes('git-upload-pack')
  return isFetch && route === 'git fairway/delivery' ? 'open' : 'nothing'
}

function contractRequests(definition: RouteDefinition, objects: Objects, key: string): Request[] {
  const { id, method } = definition
  const path = pathOf(definition, objects)
  const need = routeNeeds[id]
  if (need === undefined) throw new Error(`${id} is not in src/access/route-needs.ts`)
  const json = method === 'GET' ? undefined : (bodies(objects, key)[id] ?? {})
  const asked = { method, path, ...(json !== undefined && { json }) }
  const not = id === 'changes.review' ? ['dev'] : []
  const one: Request = { route: id, asked, family: 'api', need, not }
  if (!drySteps.includes(id)) return [one]
  const dry = { ...asked, json: { ...(json as object), dryRun: true } }
  return [one, { ...one, route: `${id}, dry run`, asked: dry, need: { action: 'read', on: 'everything' } }]
}

/** Dry runs only say what would happen: whoever may read may ask. */
const drySteps = [
  'services.create',
  'services.tour-act',
  'services.promote',
  'services.rollback',
  'drift.revert',
  'drift.adopt',
]

function pathOf({ id, path }: RouteDefinition, { run, drift, changes }: Objects): string {
  const change = changes[id === 'changes.close' ? 1 : 0]
  const values: Record<string, string> = {
    name: id.startsWith('templates.') ? 'http-api' : 'shop',
    id: id.startsWith('drift.') ? drift : id.startsWith('notifications.') ? `msg_${'0'.repeat(32)}` : run,
    owner: 'team-a',
    repo: 'shop',
    number: String(change?.number),
    kind: 'group',
    namespace: 'default',
    traceId: 'a'.repeat(32),
    secret: 'db.password',
    lease: 'never-lent-to-anybody',
  }
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => values[name] ?? 'unknown')
  if (id.startsWith('signals.') || id === 'services.resources') return `${filled}?environment=dev`
  return id === 'services.diff' ? `${filled}?to=staging` : filled
}

function bodies({ changes }: Objects, key: string): Record<string, unknown> {
  const head = changes[0]?.head
  return {
    'sessions.create': { user: 'dev', key, carrier: 'token' },
    'sessions.switch': { user: 'dev2' },
    // a name that is none: who may is asked before, and nobody's request makes a service
    'services.create': { template: 'http-api', name: 'No-Name!', owner: 'team-a', values: {} },
    'secrets.set': { environment: 'nowhere', name: 'db.password', value: 'never kept' },
    'services.check': { files: [] },
    'dev.start': { files: [] },
    // a port that proves nothing: who may is asked before
    'dev.open': { port: 1_024, proof: 'p'.repeat(43) },
    'services.promote': { to: 'staging' },
    'services.rollback': { environment: 'dev' },
    'services.adopt': { repository: { owner: 'team-a', name: 'shop' } },
    'services.tour-act': { act: 'mend' },
    'templates.preview': { name: 'No-Name!', owner: 'team-a', values: {} },
    'changes.open': { repo: { owner: 'team-a', name: 'shop' }, branch: 'first', title: 'Change it' },
    'changes.review': { decision: 'approve', head },
    'changes.merge': { head },
  }
}

function otherRequests(): Request[] {
  return Object.entries(otherAddresses).flatMap(([address, door]) => requestsOf(address, door))
}

function requestsOf(address: string, door: Door): Request[] {
  const [method = '', path = ''] = address.split(' ')
  if (door === 'git')
    return ['team-a/shop', 'fairway/platform', 'fairway/delivery'].flatMap((repo) => gitRequests(path, repo))
  if (door === 'product') return [] // mounted only where that product is chosen: its own lab test knocks there
  const filled = path.replace('*', 'index.html')
  if (door === 'workload' || door === 'agent') {
    const json = path.endsWith('/values') ? { owner: 'team-a', service: 'shop', environment: 'dev' } : {}
    return [{ route: address, asked: { method, path, json }, family: door, need: 'signed-in' }]
  }
  const need = door === 'everybody' ? 'nobody' : 'signed-in'
  return [{ route: address, asked: { method, path: filled }, family: door === 'everybody' ? door : 'api', need }]
}

function gitRequests(path: string, repo: string): Request[] {
  const place = `/git/${repo}.git`
  const pushing: Need = repo === 'fairway/platform' ? every('settings.push') : onRepo(repo)
  const reading: Need = every('read')
  const request = (asked: Asked, need: Need): Request => ({ route: `git ${repo}`, asked, family: 'git', need })
  if (path.endsWith('/info/refs'))
    return (['upload', 'receive'] as const).map((way) =>
      request(
        { method: 'GET', path: `${place}/info/refs?service=git-${way}-pack` },
        way === 'upload' ? reading : pushing,
      ),
    )
  const name = path.split('/').at(-1) ?? ''
  const body = { type: `application/x-${name}-request`, text: '0000' }
  return [request({ method: 'POST', path: `${place}/${name}`, body }, name === 'git-upload-pack' ? reading : pushing)]
}

const every = (action: 'read' | 'settings.push' | 'repository.push'): Need => ({ action, on: 'everything' })

function onRepo(repo: string): Need {
  return repo.startsWith('team-a/') ? { action: 'repository.push', on: 'team' } : every('repository.push')
}
