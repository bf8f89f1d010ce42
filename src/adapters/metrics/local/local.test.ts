import { describeMetrics } from '#ports/metrics.contract.ts'
import { signalStore } from '../../../../testing/signal-store.ts'
import { localMetrics } from './local.ts'

describeMetrics('local', async (t) => {
  const { db, write } = await signalStore(t, 'metrics')
  return { port: localMetrics({ db }), write }
})
