import type { Differences, LiveDifference } from '#ports/delivery.ts'
import type { WorkloadSpec } from './desired/workload-spec.ts'
import type { PlaceName } from './events.ts'
import type { Instance } from './instance/instance.ts'
import { endedFromOutside } from './instance/watch-process.ts'
import type { WorkloadPlace } from './place.ts'
import type { Reconciler } from './reconciler.ts'

/** Where what runs differs from Git. While a commit has not arrived yet, while a rollout is under way, or when it failed, the status tells, not this. */
export function differencesOf({ git, place }: Reconciler, name: PlaceName): Differences {
  if (git.trouble) return { kind: 'unknown', reason: git.trouble }
  const found = place(name)
  const { wanted, live, rolling, failure } = found?.state ?? {}
  const isSettled = wanted?.spec && live?.commit === wanted.commit && !rolling && !failure
  if (!found || !isSettled || !wanted.spec) return { kind: 'known', fields: [] }
  return { kind: 'known', fields: [...ofInstances(found, wanted.spec), ...found.brokenFiles] }
}

function ofInstances(place: WorkloadPlace, wanted: WorkloadSpec): LiveDifference[] {
  const serving = place.serving()
  const count = { field: 'Deployment spec.replicas', wanted: String(wanted.replicas), live: String(serving.length) }
  return [...(serving.length === wanted.replicas ? [] : [count]), ...serving.flatMap((one) => ofInstance(one, wanted))]
}

function ofInstance({ id, spec, state, record }: Instance, wanted: WorkloadSpec): LiveDifference[] {
  const { lastExit } = record
  const isKilled = state !== 'ready' && state !== 'not-ready' && lastExit !== undefined && endedFromOutside(lastExit)
  const killed = { field: `instance ${id}`, wanted: 'running', live: 'ended', cause: lastExit ?? '' }
  const changed = compared.filter((key) => JSON.stringify(spec[key]) !== JSON.stringify(wanted[key]))
  return [
    ...(isKilled ? [killed] : []),
    ...changed.map((key) => ({ field: `instance ${id} ${key}`, ...sides[key](wanted, spec) })),
  ]
}

const compared = ['image', 'version', 'command', 'args', 'env', 'ports', 'memoryBytes', 'files'] as const
type Compared = (typeof compared)[number]

const plain = (key: Compared) => (wanted: WorkloadSpec, live: WorkloadSpec) => ({
  wanted: JSON.stringify(wanted[key] ?? null),
  live: JSON.stringify(live[key] ?? null),
})
/** That it differs, not by what: it may be secret. */
const hidden = () => ({ wanted: 'as in Git', live: 'other values' })

const sides: Record<Compared, (wanted: WorkloadSpec, live: WorkloadSpec) => { wanted: string; live: string }> = {
  image: plain('image'),
  version: plain('version'),
  command: plain('command'),
  args: plain('args'),
  ports: plain('ports'),
  memoryBytes: plain('memoryBytes'),
  env: hidden,
  files: hidden,
}
