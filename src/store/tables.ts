import type { AuditTable } from './audit.ts'
import type { AuditChainTable } from './audit-chain.ts'
import type { DocPageTable } from './doc-page.ts'
import type { DriftTable } from './drift.ts'
import type { EntityTable } from './entity.ts'
import type { EventTable } from './event.ts'
import type { GitChangeTable } from './git-change.ts'
import type { HookDeliveryTable } from './hook-delivery.ts'
import type { IdempotencyTable } from './idempotency.ts'
import type { NotificationCauseTable, NotificationPreferenceTable, NotificationTable } from './notification.ts'
import type { NotificationOutboxTable } from './notification-outbox.ts'
import type { RecordPendingTable } from './record.ts'
import type { DeploymentOutcomeTable, ReleaseTable } from './release.ts'
import type { ReplicaTable } from './replica.ts'
import type { RunExecutionTable } from './run-execution.ts'
import type { RunLogTable, RunStepTable, RunTable } from './run.ts'
import type { RunTreeTable } from './run-tree.ts'
import type { SecretTable } from './secret.ts'
import type { ServiceTable } from './service.ts'
import type { SessionTable } from './session.ts'
import type { SignInAttemptTable } from './sign-in-attempt.ts'
import type { SignalLogTable } from './signals-log.ts'
import type { SignalPointTable, SignalSeriesTable } from './signals-metric.ts'
import type { SignalSpanTable, SignalTraceTable } from './signals-span.ts'
import type { SignalDropTable, SignalStreamTable } from './signals-stream.ts'

/** Every table of the database, one interface per noun; the interface lives beside the functions that use it. */
export interface Tables {
  run: RunTable
  run_step: RunStepTable
  run_log: RunLogTable
  run_execution: RunExecutionTable
  run_tree: RunTreeTable
  idempotency: IdempotencyTable
  session: SessionTable
  sign_in_attempt: SignInAttemptTable
  entity: EntityTable
  hook_delivery: HookDeliveryTable
  service: ServiceTable
  release: ReleaseTable
  deployment_outcome: DeploymentOutcomeTable
  doc_page: DocPageTable
  drift: DriftTable
  notification: NotificationTable
  notification_cause: NotificationCauseTable
  notification_outbox: NotificationOutboxTable
  notification_preference: NotificationPreferenceTable
  record_pending: RecordPendingTable
  event: EventTable
  replica: ReplicaTable
  git_change: GitChangeTable
  signal_log: SignalLogTable
  signal_point: SignalPointTable
  signal_series: SignalSeriesTable
  signal_span: SignalSpanTable
  signal_trace: SignalTraceTable
  signal_stream: SignalStreamTable
  signal_drop: SignalDropTable
  'vault.audit': AuditTable
  'vault.audit_chain': AuditChainTable
  'vault.secret': SecretTable
}
