import { can } from '#access/can.ts'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import type { Drift } from '#model/drift.ts'
import { type DriftRow, findDrift, listDrift } from '#store/drift.ts'
import { findService } from '#store/service.ts'
import { adoptable } from '#workflows/drift/adopt-drift.ts'
import { driftAt } from '#workflows/drift/choose-approved.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'

export interface DriftQuestion {
  readonly state: 'open' | 'resolved'
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly limit: number
}

/** What differs now from what was approved, or what did. */
export async function readDrifts(platform: Platform, caller: Caller, question: DriftQuestion): Promise<Drift[]> {
  authorise(caller, 'read')
  const { state, ...filter } = question
  const rows = await listDrift(platform.db, { ...filter, open: state === 'open' })
  return Promise.all(rows.map((row) => driftView(platform, caller, row)))
}

export async function readDrift(platform: Platform, caller: Caller, id: string): Promise<Drift> {
  authorise(caller, 'read')
  return driftView(platform, caller, await requireDrift(platform, id))
}

export async function requireDrift(platform: Platform, id: string): Promise<DriftRow> {
  const row = await findDrift(platform.db, id)
  if (row) return row
  throw new PlatformError('DRIFT_UNKNOWN', `no drift has the id ${id}`, { hint: 'fairway drift' })
}

/** The team that answers for it; a folder that belongs to no service is the platform's own. */
export async function ownerOf(platform: Platform, { service }: { service?: string }): Promise<string | undefined> {
  return service === undefined ? undefined : (await findService(platform.db, service))?.owner
}

/** Open drift of a place in one sentence, for whoever is about to change it. */
export async function driftSentence(
  platform: Platform,
  place: { service: string; environment: string },
): Promise<string | undefined> {
  const [first] = await listDrift(platform.db, { ...place, open: true, limit: 5 })
  if (!first) return undefined
  const author = first.cause?.author ? `, by ${first.cause.author}` : ''
  return `${first.summary}${author}. What you deliver now replaces it.`
}

async function driftView(platform: Platform, caller: Caller, row: DriftRow): Promise<Drift> {
  const { act: _act, ...shown } = row
  const owner = await ownerOf(platform, row)
  const may = (action: 'drift.revert' | 'drift.adopt') =>
    can(caller.person, action, owner) ? undefined : 'your role does not allow it'
  const over = row.resolvedAt ? 'it is settled' : undefined
  const noRevert = over ?? may('drift.revert')
  const noAdopt = over ?? may('drift.adopt') ?? (await whyNotAdoptable(platform, row))
  return {
    ...shown,
    fields: [...row.fields],
    ...(owner && { owner }),
    revert: { can: noRevert === undefined, ...(noRevert && { reason: noRevert }) },
    adopt: { can: noAdopt === undefined, ...(noAdopt && { reason: noAdopt }) },
  }
}

/** Why a drift cannot become the approved state; undefined when it can. */
export async function whyNotAdoptable(platform: Platform, row: DriftRow): Promise<string | undefined> {
  if (row.kind === 'runtime') return 'what was changed on this machine is in no commit: change the service repository'
  const { service, environment } = row
  const owner = await ownerOf(platform, row)
  if (!service || !environment || !owner) return 'it belongs to no service of the catalog'
  try {
    const place = { service, environment, owner }
    await adoptable(platform, { place, found: await driftAt(platform, place) })
    return undefined
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return (error as Error).message
  }
}
