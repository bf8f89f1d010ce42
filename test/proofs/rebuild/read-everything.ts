import { allRoutes } from '#api/contract/all.ts'
import type { RouteDefinition } from '#api/route.ts'
import { allHandlers } from '#api/routes/handlers.ts'
import { loginKeys } from '#services/sessions.ts'
import { listChanges } from '#services/changes.ts'
import { readRunCommits } from '#services/run-commits.ts'
import { listDrift } from '#store/drift.ts'
import { listRuns } from '#store/run.ts'
import { listEntities } from '#store/entity.ts'
import type { PlatformForTest } from '../../../testing/platform-for-test.ts'

/** What every read route answers, by route and its parameters. */
export type Answers = ReadonlyMap<string, unknown>

/** Routes whose answers a rebuild does not promise, each with the reason. */
export const exceptions: Readonly<Record<string, string>> = {
  'runs.log': 'log lines of runs are lost',
  'runs.explanation': 'tells log lines and the word of the runtime',
  'services.explanations': 'tells log lines and the word of the runtime',
  'signals.logs': 'signals are lost',
  'signals.metrics': 'signals are lost',
  'signals.traces': 'signals are lost',
  'signals.trace': 'signals are lost',
  'services.resources': 'the live word of the runtime, which no index holds',
  'audit.list': 'the rebuild adds its own records; earlier ones are compared apart',
  'audit.state': 'the chain has grown',
  'audit.verify': 'the chain has grown',
  'audit.export': 'the chain has grown',
  'sessions.me': 'says when the asking session ends',
  'sessions.options': 'is about the next sign-in',
  'notifications.list': 'what people were told is theirs and not in Git',
  'notifications.given-up': 'messages under way are not in Git',
  'notifications.preferences': 'choices of people are not in Git',
  'platform.doctor': 'looks at the machine',
}

/** Asks every GET route of the contract for everything there is; a new route without parameters here fails the proof. */
export async function readEverything(
  { platform, caller }: PlatformForTest,
  services: readonly string[],
): Promise<Answers> {
  const asking = await caller('platform')
  const handlers = allHandlers({
    platform,
    keys: loginKeys('unused'),
    doctor: async () => [],
    live: async () => [],
    version: '0',
  })
  const [runs, changes, { items: entities }] = await Promise.all([
    listRuns(platform.db, { limit: 1_000 }),
    listChanges(platform, asking, { limit: 500 }),
    listEntities(platform.db, { limit: 1_000 }),
  ])
  const drifts = [
    ...(await listDrift(platform.db, { open: true, limit: 200 })),
    ...(await listDrift(platform.db, { open: false, limit: 200 })),
  ]
  const commits = await Promise.all(
    runs.map(async ({ id }) => (await readRunCommits(platform, asking, id)).map(({ commit }) => ({ id, commit }))),
  )
  const ofServices = services.map((name) => ({ name }))
  const params: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
    '/api/v1/entities/:kind/:namespace/:name': entities.map(({ entity }) => {
      return { kind: entity.kind, namespace: entity.metadata.namespace, name: entity.metadata.name }
    }),
    '/api/v1/changes/:owner/:repo/:number': changes.map(({ repo, number }) => ({
      owner: repo.owner,
      repo: repo.name,
      number,
    })),
    '/api/v1/repositories/:owner/:repo': [...new Set(entities.map(({ source }) => source))].map((source) => {
      const [owner = '', repo = ''] = source.split('/')
      return { owner, repo }
    }),
    '/api/v1/runs/:id/commits/:commit': commits.flat(),
    '/api/v1/runs/:id': runs.map(({ id }) => ({ id })),
    '/api/v1/drift/:id': drifts.map(({ id }) => ({ id })),
    '/api/v1/services/:name': ofServices,
    '/api/v1/templates/:name': [{ name: 'tiny' }],
  }
  const answers = new Map<string, unknown>()
  for (const route of allRoutes.filter(({ method, id }) => method === 'GET' && !(id in exceptions)))
    for (const given of paramsOf(route, params))
      for (const query of queriesOf(route)) {
        const call = {
          params: given,
          query,
          body: undefined,
          caller: asking,
          requestId: 'proof',
          signal: new AbortController().signal,
        }
        const answer = await handlers[route.id]?.(call as never).then(
          (found) => shaped(found, route.id === 'services.diff'),
          (error: Error) => ({
            refused: error.message,
          }),
        )
        answers.set(`${route.id} ${JSON.stringify(given)} ${JSON.stringify(query)}`, answer)
      }
  return answers
}

/** Places where two readings differ, as "route: path: one, other". */
export function differences(before: Answers, after: Answers): string[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].flatMap((key) => differing(before.get(key), after.get(key)).map((place) => `${key}: ${place}`))
}

function differing(one: unknown, other: unknown, path = ''): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (!isObject(one) || !isObject(other))
    return Object.is(one, other)
      ? []
      : [`${path}: ${JSON.stringify(one)?.slice(0, 120)}, ${JSON.stringify(other)?.slice(0, 120)}`]
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    differing(one[key], other[key], `${path}/${key}`),
  )
}

function paramsOf(route: RouteDefinition, known: Readonly<Record<string, readonly Record<string, unknown>[]>>) {
  if (!route.params) return [{}]
  const found = Object.entries(known).find(([path]) => route.path === path || route.path.startsWith(`${path}/`))
  if (!found)
    throw new Error(`the proof has no parameters for ${route.id}: give it some, or an exception with a reason`)
  return found[1]
}

function queriesOf(route: RouteDefinition): unknown[] {
  const page = { source: 'fairway', path: 'README.md' }
  const given = [{}, { environment: 'dev' }, { to: 'production' }, { to: 'staging' }, { words: 'release' }, page]
  if (!route.query) return [{}]
  const fitting = given.map((query) => route.query?.safeParse(query)).filter((read) => read?.success)
  if (fitting.length === 0) throw new Error(`the proof has no query for ${route.id}`)
  return [...new Map(fitting.map((read) => [JSON.stringify(read?.data), read?.data])).values()]
}

/** As it leaves the API, without the times at which something was read, and how long a rule took that is asked anew. */
function shaped(answer: unknown, isAskedAnew: boolean): unknown {
  const now = isAskedAnew ? ['readAt', 'checkedAt', 'evaluatedAt', 'millis'] : ['readAt', 'checkedAt']
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (now.includes(key) ? undefined : value)))
}
