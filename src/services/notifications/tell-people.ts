import { createHash } from 'node:crypto'
import { can } from '#access/can.ts'
import { platformRepo, repoName } from '#model/names.ts'
import type { NotificationKind } from '#model/notification.ts'
import { platformActor } from '#model/people.ts'
import type { Person } from '#model/people.ts'
import type { Run } from '#model/run.ts'
import {
  insertNotification,
  markTold,
  type NotificationCause,
  pathOf,
  preferencesOf,
  putOff,
  takeCause,
} from '#store/notification.ts'
import { putIntoOutbox } from '#store/notification-outbox.ts'
import { findRun } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { publishEvent } from '#store/event.ts'
import type { Database } from '#store/database.ts'
import type { Platform } from '#workflows/platform.ts'
import { reviewNews } from './review-news.ts'

/**
 * Tells everybody of the oldest cause nobody was told of: inbox and outbox in one transaction. False when there is none.
 * Where the Git host must be asked and cannot, it is put off, for a day at most.
 */
export async function tellPeople(platform: Platform): Promise<boolean> {
  return inTransaction(platform.pool, async (tx) => {
    const cause = await takeCause(tx)
    if (!cause) return false
    const run = await findRun(tx, cause.run)
    const news =
      run && (await newsOf(platform, cause, run).catch((error: unknown) => unknownYet(platform, cause, error)))
    if (news === 'unknown') await putOff(tx, cause.id, putOffSeconds)
    else {
      if (news) await tell(platform, tx, news)
      await markTold(tx, cause.id)
    }
    return true
  })
}

const putOffSeconds = 60
const dayMs = 86_400_000

interface News {
  readonly cause: NotificationCause
  readonly run: Run
  /** Who is told. */
  readonly people: readonly Person[]
  /** The change request that waits, where no run does. */
  readonly change?: string
}

async function tell(platform: Platform, tx: Database, news: News): Promise<void> {
  const { mail, webhook } = platform.ports.notifications
  const { cause, run, people, change } = news
  const { kind, at } = cause
  const title = titleOf(news)
  const { service, environment, team } = placeOf(news)
  const link = `${platform.urls.portal}${pathOf({ run: run.id, change })}`
  const message = { kind, title, link, at: at.toISOString(), run: run.id, change, service, environment }
  for (const person of people) {
    const chosen = await preferencesOf(tx, person.name)
    const id = idOf(cause, `person:${person.name}`)
    if (chosen.inbox.includes(kind)) {
      const place = { change: change ?? null, service: service ?? null, environment: environment ?? null }
      await insertNotification(tx, { id, person: person.name, kind, title, run: run.id, ...place, at })
      await publishEvent(tx, { type: 'notification', object: person.name })
    }
    if (mail && person.email && chosen.mail.includes(kind))
      await putIntoOutbox(tx, { id, channel: 'mail', recipient: person.name, message })
  }
  if (team && webhook?.teams.get(team)?.includes(kind))
    await putIntoOutbox(tx, { id: idOf(cause, `team:${team}`), channel: 'webhook', recipient: team, message })
}

/** The platform's own repository is of no service and of no team. */
function placeOf({ run, change }: News): Pick<Run, 'service' | 'environment' | 'team'> {
  return change?.startsWith(`${repoName(platformRepo)}#`) ? {} : run
}

/** What has passed meanwhile is no news: an approval nobody waits for, a rollback elsewhere than at the end of the way. */
async function newsOf(platform: Platform, cause: NotificationCause, run: Run): Promise<News | undefined> {
  if (cause.kind === 'approval-waiting' && run.workflow === 'check') {
    const review = await reviewNews(platform, run)
    return review && { cause, run, ...review }
  }
  if (!(await isNews(platform, cause.kind, run))) return undefined
  return { cause, run, people: await toBeTold(platform, cause.kind, run) }
}

async function isNews(platform: Platform, kind: NotificationKind, run: Run): Promise<boolean> {
  if (kind === 'approval-waiting') return run.state === 'waiting'
  if (kind === 'run-failed') return true
  return run.environment === (await platform.settings()).environments.at(-1)?.metadata.name
}

function unknownYet(platform: Platform, { id, at }: NotificationCause, error: unknown): 'unknown' | undefined {
  platform.log.warn({ err: error, cause: id }, 'whether there is news could not be told; it is asked again later')
  return Date.now() - at.getTime() < dayMs ? 'unknown' : undefined
}

/** Who may approve and did not ask; who started what failed; the owning team. */
async function toBeTold(platform: Platform, kind: NotificationKind, run: Run): Promise<readonly Person[]> {
  const people = await platform.ports.identity.people()
  const inTeam = people.filter(({ teams }) => run.team !== undefined && teams.includes(run.team))
  if (kind === 'rolled-back') return inTeam
  if (kind === 'approval-waiting')
    return people.filter((person) => person.name !== run.requestedBy && can(person, 'change.approve', run.team))
  // what the platform started by itself is the team's
  return run.requestedBy === platformActor ? inTeam : people.filter(({ name }) => name === run.requestedBy)
}

const words: Readonly<Record<Run['workflow'], string>> = {
  'create-service': 'Creation',
  release: 'Release',
  promote: 'Promotion',
  rollback: 'Rollback',
  undo: 'Undo',
  check: 'Check',
  'revert-drift': 'Revert of drift',
  'adopt-drift': 'Adoption of drift',
  'repair-drift': 'Repair of drift',
  'render-cluster': 'Rendering of the cluster',
  'adopt-service': 'Adoption',
}

function titleOf({ cause: { kind }, run: { workflow, service, environment }, change }: News): string {
  if (change) return `Change request ${change} waits for an approval`
  const what = `${words[workflow]}${service ? ` of ${service}` : ''}${environment ? ` in ${environment}` : ''}`
  if (kind === 'approval-waiting') return `${what} waits for an approval`
  return kind === 'run-failed' ? `${what} failed` : `${service ?? 'A service'} was rolled back in ${environment}`
}

/** The same for the same cause and receiver, however often it is made. */
function idOf(cause: NotificationCause, to: string): string {
  return `msg_${createHash('sha256').update(`${cause.id}\0${to}`).digest('hex').slice(0, 32)}`
}
