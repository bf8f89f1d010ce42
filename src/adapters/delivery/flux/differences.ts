import type { Differences, Place } from '#ports/delivery.ts'
import { differencesFrom, wantedObjects } from '../wanted-objects.ts'
import type { FluxOptions } from './options.ts'
import { type Asked, readPlace } from './read-place.ts'
import { silenceOf } from './silence.ts'

/**
 * The objects of the cluster against the files of the wanted commit, field by field. Only once that commit was applied:
 * until then the status tells.
 */
export async function differencesOf(
  asked: Asked,
  { place, options }: { place: Place; options: FluxOptions },
  signal: AbortSignal,
): Promise<Differences> {
  const seen = await readPlace(asked, place, signal)
  const silence = silenceOf(seen, options)
  if (silence) return { kind: 'unknown', reason: silence }
  const { wanted, held } = seen
  if (!wanted || held !== wanted.commit) return { kind: 'known', fields: [] }
  const objects = wantedObjects(await asked.commits.files(place, wanted.commit))
  return { kind: 'known', fields: await differencesFrom(asked.cluster, objects, signal) }
}
