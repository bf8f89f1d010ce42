import type { Adapters } from '#model/adapters.ts'
import { chooseAdmission } from './admission.ts'
import { chooseArtifacts } from './artifacts.ts'
import { chooseDelivery } from './delivery.ts'
import { chooseGitHost } from './git-host.ts'
import { chooseLogs } from './logs.ts'
import { chooseMetrics } from './metrics.ts'
import { requireEmbedded } from './only-local.ts'
import { chooseTraces } from './traces.ts'

/** The products behind the ports, `undefined` where the embedded adapter stands. */
export type AcceptedAdapters = Awaited<ReturnType<typeof acceptAdapters>>

/** Looks at every chosen product and its options, and connects to none. SETTINGS_INVALID names the field. */
export async function acceptAdapters(adapters: Adapters) {
  requireEmbedded(adapters)
  return {
    gitHost: await chooseGitHost(adapters.gitHost),
    artifacts: await chooseArtifacts(adapters.artifacts),
    delivery: await chooseDelivery(adapters.delivery),
    admission: await chooseAdmission(adapters.admission),
    metrics: await chooseMetrics(adapters.metrics),
    logs: await chooseLogs(adapters.logs),
    traces: await chooseTraces(adapters.traces),
  }
}
