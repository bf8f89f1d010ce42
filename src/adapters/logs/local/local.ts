import type { Logs } from '#ports/signals.ts'
import type { Database } from '#store/database.ts'
import { signalsAppended } from '#store/signals-appended.ts'
import { readLogLines } from '#store/signals-log.ts'

/** Logs in PostgreSQL, as the OTLP receiver of this process stored them. */
export function localLogs({ db }: { db: Database }): Logs {
  return {
    can: { follow: true, search: 'literal' },
    query: (scope, query) => readLogLines(db, scope, query),
    onAppend: (scope, listener) => signalsAppended(db).listen(scope, listener),
  }
}
