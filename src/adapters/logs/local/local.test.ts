import { describeLogs } from '#ports/logs.contract.ts'
import { signalStore } from '../../../../testing/signal-store.ts'
import { localLogs } from './local.ts'

describeLogs('local', async (t) => {
  const { db, write } = await signalStore(t, 'logs')
  return { port: localLogs({ db }), write }
})
