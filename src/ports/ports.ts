import type { Admission } from './admission.ts'
import type { Artifacts } from './artifacts.ts'
import type { Ci } from './ci.ts'
import type { Delivery } from './delivery.ts'
import type { GitHost } from './git-host.ts'
import type { Identity } from './identity.ts'
import type { Notifications } from './notifications.ts'
import type { Policy } from './policy.ts'
import type { Secrets } from './secrets.ts'
import type { Logs, Metrics, Traces } from './signals.ts'

/** One adapter behind each port, chosen by fairway.yaml and put together in main/. */
export interface Ports {
  readonly gitHost: GitHost
  readonly ci: Ci
  readonly artifacts: Artifacts
  readonly delivery: Delivery
  readonly policy: Policy
  readonly admission: Admission
  readonly identity: Identity
  readonly secrets: Secrets
  readonly notifications: Notifications
  readonly logs: Logs
  readonly metrics: Metrics
  readonly traces: Traces
}
