import type { TestContext } from 'node:test'
import { signalSink } from '#adapters/signals/local/signal-sink.ts'
import type { SignalScope } from '#ports/signals.ts'
import type { Database } from '#store/database.ts'
import { testDatabase } from './database.ts'

/** An empty store of signals, written through the receiver's own sink. */
export async function signalStore(t: TestContext, signal: 'logs' | 'metrics' | 'traces') {
  const { db } = await testDatabase(t)
  const sink = signalSink({ db })
  t.after(() => sink.close())
  const write = async (scope: SignalScope, request: unknown): Promise<void> => {
    await sink.accept(signal, { ...scope, owner: 'team-a' }, request)
  }
  return { db: db as Database, write }
}
