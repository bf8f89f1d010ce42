import { describeTraces } from '#ports/traces.contract.ts'
import { signalStore } from '../../../../testing/signal-store.ts'
import { localTraces } from './local.ts'

describeTraces('local', async (t) => {
  const { db, write } = await signalStore(t, 'traces')
  return { port: localTraces({ db }), write }
})
