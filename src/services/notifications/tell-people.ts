import { createHash } from 'node:crypto'
import { can } from '#access/can.ts'
import type { NotificationKind } from '#model/notification.ts'
import { platformActor } from '#model/people.ts'
import type { Person } from '#model/people.ts'
import type { Run } from '#model/run.ts'
import { insertNotification, markTold, type NotificationCause, preferencesOf, takeCause } from '#store/notification.ts'
import { putIntoOutbox } from '#store/notification-outbox.ts'
import { findRun } from '#store/run.ts'
import { inTransaction } from '#store/transaction.ts'
import { publishEvent } from '#store/event.ts'
import type { Database } from '#store/database.ts'
import type { Platform } from '#workflows/platform.ts'

/** Tells everybody of the oldest cause nobody was told of: inbox and outbox in one transaction. False when there is none. */
export async function tellPeople(platform: Platform): Promise<boolean> {
  return inTransaction(platform.pool, async (tx) => {
    const cause = await takeCause(tx)
    if (!cause) return false
    const run = await findRun(tx, cause.run)
    if (run && (await isNews(platform, cause.kind, run))) await tell(platform, tx, { cause, run })
    await markTold(tx, cause.id)
    return true
  })
}

interface News {
  readonly cause: NotificationCause
  readonly run: Run
}

async function tell(platform: Platform, tx: Database, { cause, run }: News): Promise<void> {
  const { mail, webhook } = platform.ports.notifications
  const title = titleOf(cause.kind, run)
  const { service, environment } = run
  const link = `${platform.urls.portal}/runs/${run.id}`
  const message = { kind: cause.kind, title, link, at: cause.at.toISOString(), run: run.id, service, environment }
  for (const person of await toBeTold(platform, cause.kind, run)) {
    const chosen = await preferencesOf(tx, person.name)
    const id = idOf(cause, `person:${person.name}`)
    if (chosen.inbox.includes(cause.kind)) {
      const place = { service: service ?? null, environment: environment ?? null }
      const row = { id, person: person.name, kind: cause.kind, title, run: run.id, ...place, at: cause.at }
      await insertNotification(tx, row)
      await publishEvent(tx, { type: 'notification', object: person.name })
    }
    if (mail && person.email && chosen.mail.includes(cause.kind))
      await putIntoOutbox(tx, { id, channel: 'mail', recipient: person.name, message })
  }
  if (run.team && webhook?.teams.get(run.team)?.includes(cause.kind))
    await putIntoOutbox(tx, { id: idOf(cause, `team:${run.team}`), channel: 'webhook', recipient: run.team, message })
}

/** What has passed meanwhile is no news: an approval nobody waits for, a rollback elsewhere than at the end of the way. */
async function isNews(platform: Platform, kind: NotificationKind, run: Run): Promise<boolean> {
  if (kind === 'approval-waiting') return run.state === 'waiting'
  if (kind === 'run-failed') return true
  return run.environment === (await platform.settings()).environments.at(-1)?.metadata.name
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
}

function titleOf(kind: NotificationKind, { workflow, service, environment }: Run): string {
  const what = `${words[workflow]}${service ? ` of ${service}` : ''}${environment ? ` in ${environment}` : ''}`
  if (kind === 'approval-waiting') return `${what} waits for an approval`
  return kind === 'run-failed' ? `${what} failed` : `${service ?? 'A service'} was rolled back in ${environment}`
}

/** The same for the same cause and receiver, however often it is made. */
function idOf(cause: NotificationCause, to: string): string {
  return `msg_${createHash('sha256').update(`${cause.id}\0${to}`).digest('hex').slice(0, 32)}`
}
