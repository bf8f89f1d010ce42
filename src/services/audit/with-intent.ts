import { codeOf } from '#errors/platform-error.ts'
import { appendAudit, type NewAudit } from '#store/audit.ts'
import type { Database } from '#store/database.ts'

export type AnnouncedAct = Pick<NewAudit, 'actor' | 'action' | 'object' | 'run' | 'detail'>

/**
 * An effect outside our database: announced before it, its end written down after it. What cannot be announced does not
 * happen. `work` may say more for the outcome, such as the commit.
 */
export async function withIntent<T>(
  db: Database,
  act: AnnouncedAct,
  work: () => Promise<T>,
  { outcome = () => ({}) }: { outcome?: (result: T) => Partial<NewAudit> } = {},
): Promise<T> {
  await appendAudit(db, { ...act, phase: 'intent' })
  let result: T
  try {
    result = await work()
  } catch (error) {
    // The effect's own error is the news; a database that is away as well must not hide it.
    const failed = {
      ...act,
      phase: 'outcome',
      result: 'failed',
      detail: { code: codeOf(error) ?? 'INTERNAL' },
    } as const
    await appendAudit(db, failed).catch(() => {})
    throw error
  }
  await appendAudit(db, { ...act, phase: 'outcome', result: 'ok', ...outcome(result) })
  return result
}
