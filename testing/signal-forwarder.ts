import type { TestContext } from 'node:test'
import { defaultLimits, type SignalLimits } from '#adapters/signals/local/limits.ts'
import { type SignalSink, signalSink } from '#adapters/signals/local/signal-sink.ts'
import type { SignalScope } from '#ports/signals.ts'
import type { StoredSignal } from '#store/signals-stream.ts'
import { testDatabase } from './database.ts'

export interface SignalForwarder {
  readonly sink: SignalSink
  write(scope: SignalScope, request: unknown): Promise<void>
}

/** The receiver's own sink before a product: what a suite writes is stamped and passed on as in the control plane. */
export async function signalForwarder(
  t: TestContext,
  signal: StoredSignal,
  { intakes, limits }: { intakes: Parameters<typeof signalSink>[0]['intakes']; limits?: Partial<SignalLimits> },
): Promise<SignalForwarder> {
  const { db } = await testDatabase(t)
  const sink = signalSink({ db, limits: { ...defaultLimits, ...limits }, ...(intakes && { intakes }) })
  t.after(() => sink.close())
  return {
    sink,
    async write(scope, request) {
      const receipt = await sink.accept(signal, { ...scope, owner: 'team-a' }, request)
      if (receipt.rejected > 0) throw new Error(receipt.message)
    },
  }
}
