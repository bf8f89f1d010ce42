import { type RawBuilder, sql } from 'kysely'
import type { Database } from './database.ts'

export interface RunExecutionTable {
  execution: string
  token: number
  taken_at: Date
}

/** The right to write for an execution of a run, until somebody else takes it. */
export interface Hold {
  readonly execution: string
  readonly token: number
}

/** Takes an execution: whoever had it before can write nothing for it from now on. */
export async function takeExecution(db: Database, execution: string): Promise<Hold> {
  const { rows } = await sql<{ token: string }>`
    insert into run_execution (execution, token) values (${execution}, 1)
    on conflict (execution) do update set token = run_execution.token + 1, taken_at = now()
    returning token`.execute(db)
  return { execution, token: Number(rows[0]?.token) }
}

/** Part of a statement that fails the whole of it where the execution was taken over. */
export function holding({ execution, token }: Hold): RawBuilder<boolean> {
  return sql<boolean>`hold_execution(${execution}, ${token})`
}

/** Fails where the execution was taken over. In a transaction it stays ours until that ends. */
export async function requireHold(db: Database, hold: Hold): Promise<void> {
  await db.selectNoFrom(holding(hold).as('held')).execute()
}

/** Whether somebody else carries the execution by now, so that this process has to let go of it. */
export function isTakenOver(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | undefined)?.code === 'FW001'
}
