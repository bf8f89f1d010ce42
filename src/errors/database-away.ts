import { codeOf } from './platform-error.ts'

const codes = /^(08...|57P0[1235]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/
const words =
  /Connection terminated|terminating connection|timeout exceeded when trying to connect|connection error and is not queryable/

/** Whether an error of the database's client says that PostgreSQL was away, and not that it refused. What it was asked may be done or not. */
export function isDatabaseAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || codeOf(thrown) !== undefined) return false
  return codes.test(String((thrown as { code?: unknown }).code)) || words.test(thrown.message)
}
