import { requestedAnnotation } from './names.ts'
import type { FluxOptions } from './options.ts'
import type { Snapshot } from './read-place.ts'
import { conditionOf, type Kustomization, type Source } from './schema.ts'

export type Patience = Pick<FluxOptions, 'lagSeconds' | 'staleSeconds'>

/** Why Flux's word cannot be taken, if it cannot. */
export function silenceOf(seen: Snapshot, patience: Patience, now = new Date()): string | undefined {
  const age = (at: string | undefined) => (at ? (now.getTime() - Date.parse(at)) / 1000 : Number.POSITIVE_INFINITY)
  const isLate = (at: string | undefined) => at !== undefined && age(at) > patience.lagSeconds
  const { wanted, source, kustomization, fetched, attempted } = seen
  if (!wanted && !kustomization) return undefined
  if (!source) return 'Flux has no GitRepository of this environment: fairway env bootstrap NAME'
  const trouble = sourceTrouble(source)
  if (trouble) return trouble
  const unanswered = [source, kustomization].find((one) => one && isLate(requestOf(one)))
  if (unanswered)
    return `Flux's controller has not answered the request of ${requestOf(unanswered)} for ${unanswered.metadata.name}`
  if (wanted && !kustomization)
    return isLate(wanted.at)
      ? `Flux has no Kustomization of commit ${short(wanted.commit)} of ${wanted.at}: fairway env bootstrap NAME makes it`
      : undefined
  if (kustomization?.spec.suspend) return `Flux is suspended for ${kustomization.metadata.name}`
  if (wanted && isLate(wanted.at) && fetched !== wanted.commit)
    return `Flux's source-controller lags: it has not fetched commit ${short(wanted.commit)} of ${wanted.at}`
  if (wanted && isLate(wanted.at) && attempted !== wanted.commit)
    return `Flux's kustomize-controller lags: it has not tried commit ${short(wanted.commit)} of ${wanted.at}`
  return kustomization && staleness(kustomization, age, patience)
}

/** The request that a controller has yet to answer. */
function requestOf({ metadata, status }: Source | Kustomization): string | undefined {
  const asked = metadata.annotations[requestedAnnotation]
  return asked === status.lastHandledReconcileAt ? undefined : asked
}

function sourceTrouble(source: Source): string | undefined {
  if (source.spec.suspend) return `Flux is suspended for the source ${source.metadata.name}`
  const ready = conditionOf(source, 'Ready')
  const stalled = conditionOf(source, 'Stalled')
  const failing = stalled?.status === 'True' ? stalled : ready?.status === 'False' ? ready : undefined
  const failed = failing ?? [conditionOf(source, 'FetchFailed')].find((one) => one?.status === 'True')
  return failed && `Flux cannot read the delivery repository: ${failed.message}`
}

// A controller that reconciles says so at each interval, also when it changed nothing.
function staleness(
  kustomization: Kustomization,
  age: (at: string | undefined) => number,
  { staleSeconds }: Patience,
): string | undefined {
  if (conditionOf(kustomization, 'Ready')?.status === 'False') return undefined
  const [last] = kustomization.status.history
  if (last && age(last.lastReconciled) > staleSeconds)
    return `Flux's kustomize-controller has said nothing since ${last.lastReconciled}`
  if (!last && kustomization.status.lastAppliedRevision)
    return 'Flux does not tell when it last looked: kustomize-controller 1.7 or newer does'
  return undefined
}

const short = (commit: string): string => commit.slice(0, 12)
