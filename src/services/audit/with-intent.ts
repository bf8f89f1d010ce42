import { codeOf } from '#errors/platform-error.ts'
import { appendAudit, type NewAudit } from '#store/audit.ts'
import type { Database } from '#store/database.ts'

export interface AnnouncedAct<T> {
  readonly record: Pick<NewAudit, 'actor' | 'action' | 'object' | 'run' | 'detail'>
  readonly work: () => Promise<T>
  /** What the outcome says besides, such as the commit. */
  readonly outcome?: (result: T) => Partial<NewAudit>
}

/**
 * An effect outside our database: announced before it, its end written down after it. What cannot be announced does not
 * happen.
 */
export async function withIntent<T>(db: Database, { record, work, outcome }: AnnouncedAct<T>): Promise<T> {
  await appendAudit(db, { ...record, phase: 'intent' })
  let result: T
  try {
    result = await work()
  } catch (error) {
    const detail = { code: codeOf(error) ?? 'INTERNAL' }
    // The effect's own error is the news; a database that is away as well must not hide it.
    await appendAudit(db, { ...record, phase: 'outcome', result: 'failed', detail }).catch(() => {})
    throw error
  }
  await appendAudit(db, { ...record, phase: 'outcome', result: 'ok', ...outcome?.(result) })
  return result
}
