import type { components } from '@fairway/schema'

type Schemas = components['schemas']

/** The nouns of the API, by the names the whole platform uses. */
/** The door of one environment's cluster. */
export interface Door {
  readonly environment: string
  readonly admission: Schemas['Admission']
}
export type AdoptionPreview = Schemas['AdoptionPreview']
export type Attention = Schemas['Attention']
export type AuditRecord = Schemas['AuditRecord']
export type AuditReport = Schemas['AuditReport']
export type AuditState = Schemas['AuditState']
export type CatalogEntity = Schemas['CatalogEntity']
export type ChangeRequest = Schemas['ChangeRequest']
export type DeliveryPreview = Schemas['DeliveryPreview']
export type Deployment = Schemas['Deployment']
export type DocEntry = Schemas['DocEntry']
export type DocPage = Schemas['DocPage']
export type Drift = Schemas['Drift']
export type Explanation = Schemas['Explanation']
export type Environment = Schemas['Environment']
export type FileDiff = Schemas['FileDiff']
export type GoldenPath = Schemas['GoldenPath']
export type Notification = Schemas['Notification']
export type NotificationKind = Notification['kind']
export type Hello = Schemas['Hello']
export type LogLine = Schemas['LogLine']
export interface Matrix {
  readonly environments: readonly string[]
  readonly items: readonly Schemas['MatrixRow'][]
  readonly next?: string | undefined
  readonly total: number
  readonly readAt: string
}
export type MetricsAsCode = Schemas['MetricsAsCode']
export type MetricSeries = Schemas['MetricSeries']
export type Person = Schemas['Person']
export type Problem = Schemas['Problem']
export type Relations = Schemas['Relations']
export type Release = Schemas['Release']
export type ReleaseDetail = Schemas['ReleaseDetail']
export type Run = Schemas['Run']
export type RunDetail = Schemas['RunDetail']
export type RunCommit = Schemas['RunCommit']
export type RunLogLine = Schemas['RunLogLine']
export type RunStep = Schemas['RunStep']
export type Secret = Schemas['Secret']
export type ServiceDetail = Schemas['ServiceDetail']
export type ServiceInEnvironment = Schemas['ServiceInEnvironment']
export type ServicePreview = Schemas['ServicePreview']
export type ServiceSummary = Schemas['ServiceSummary']
export type Span = Schemas['Span']
export type Tour = Schemas['Tour']
export type Verdict = Schemas['Verdict']
