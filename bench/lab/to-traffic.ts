import { applicationKind, applicationName } from '#adapters/delivery/argo-cd/names.ts'
import { Application } from '#adapters/delivery/argo-cd/schema.ts'
import { manifestsFor } from '../../src/ports/delivery.contract.ts'
import { type ArgoCdWorld, argoCdWorld } from '../../testing/kubernetes/argo-cd-world.ts'
import { pushTinyImage } from '../../testing/kubernetes/tiny-image.ts'
import { labFacts } from '../../testing/lab.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import type { Figure } from '../../tools/bench.ts'

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5)

/**
 * From a commit of the delivery repository to pods that take traffic, through the lab's Argo CD and its node: how long, and
 * what of it our own calls and Argo CD's operation take. Checks, builds and rendering are not in it; bench journey has those.
 */
export async function commitToTraffic(): Promise<readonly Figure[]> {
  const [argoCd, registry] = [await labFacts('argo-cd'), await labFacts('registry')]
  if (argoCd.skip || registry.skip) throw new Error(argoCd.skip || String(registry.skip))
  const cleanups: (() => unknown)[] = []
  const world = await argoCdWorld({ after: (work) => void cleanups.push(work as () => unknown) }, argoCd.facts)
  const release = async (version: string, tell: Tell) => {
    const image = await pushTinyImage(registry.facts['registry'] ?? '', { version, ready: 200 })
    return deliver(world, { version, image, tell })
  }
  const refresh: Tell = () => world.delivery.refresh(world.environment, soon())
  const hook: Tell = (commit) => pushEvent(argoCd.facts['hooks'] ?? '', world, commit)
  const [hooked, refreshed, back]: [Delivered[], Delivered[], Delivered[]] = [[], [], []]
  try {
    const first = await release('1.0.0', refresh)
    for (let round = 1; round <= rounds; round += 1) {
      hooked.push(await release(`2.${round}.0`, hook))
      refreshed.push(await release(`2.${round}.1`, refresh))
      back.push(await release('1.0.0', refresh))
    }
    return [
      ...figuresOf('first release of a service in an environment', [first]),
      ...figuresOf('release, Argo CD told by a hook', hooked),
      ...figuresOf('release, Argo CD told by us', refreshed),
      ...figuresOf('rollback, Argo CD told by us', back),
    ]
  } finally {
    for (const work of cleanups.toReversed()) await work()
  }
}

/** Tells Argo CD of a commit. */
type Tell = (commit: string) => Promise<void>

interface Delivered {
  readonly total: number
  /** Our calls: telling Argo CD, and the last reading of the status. */
  readonly ours: number
  /** Argo CD's own operation, by its clock, in whole seconds. */
  readonly operation: number
}

async function deliver(
  { publish, delivery, environment, admin, options }: ArgoCdWorld,
  { version, image, tell }: { version: string; image: string; tell: Tell },
): Promise<Delivered> {
  const place = { environment, service: 'shop' }
  const began = performance.now()
  const commit = await publish(place, manifestsFor(place, { image, version, replicas: 1, deadlineSeconds: 120 }))
  const told = await timed(() => tell(commit))
  let reading = 0
  await waitUntil(
    async () => {
      const at = performance.now()
      const { sync, health, liveCommit } = await delivery.status(place, soon())
      reading = secondsSince(at)
      return sync === 'synced' && health === 'healthy' && liveCommit === commit
    },
    { what: `${version} to take traffic`, ms: 240_000, everyMs: 100 },
  )
  const total = secondsSince(began)
  const ref = { ...applicationKind, namespace: options.namespace, name: applicationName(place) }
  const { operationState } = Application.parse(await admin.get(ref, soon())).status
  const { startedAt = '', finishedAt = '' } = operationState ?? {}
  return { total, ours: told + reading, operation: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 }
}

/** What a Git host sends to Argo CD after a push. */
async function pushEvent(hooks: string, { options }: ArgoCdWorld, commit: string): Promise<void> {
  const repository = { html_url: options.repository.replace(/\.git$/, ''), default_branch: 'main' }
  const reply = await fetch(hooks, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push' },
    body: JSON.stringify({ ref: 'refs/heads/main', before: '0'.repeat(40), after: commit, repository, commits: [] }),
    signal: soon(),
  })
  if (!reply.ok) throw new Error(`Argo CD answered the hook with ${reply.status}: ${await reply.text()}`)
}

function figuresOf(name: string, all: readonly Delivered[]): Figure[] {
  const of = (part: keyof Delivered) => all.map((one) => one[part]).toSorted((a, b) => a - b)
  const figure = (what: string, value: number | undefined): Figure => ({
    name: `${name}${what}`,
    value: Math.round((value ?? Number.NaN) * 100) / 100,
    unit: 's',
  })
  const middle = (values: readonly number[]) => values[Math.floor(values.length / 2)]
  return [
    figure(': commit to traffic, median', middle(of('total'))),
    figure(': commit to traffic, slowest', of('total').at(-1)),
    figure(': of it our calls, median', middle(of('ours'))),
    figure(': of it the operation of Argo CD, median', middle(of('operation'))),
  ]
}

const soon = (): AbortSignal => AbortSignal.timeout(30_000)

async function timed(work: () => Promise<void>): Promise<number> {
  const at = performance.now()
  await work()
  return secondsSince(at)
}

function secondsSince(at: number): number {
  return (performance.now() - at) / 1000
}
