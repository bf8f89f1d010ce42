import type { LentRoute } from '#model/dev-session.ts'
import type { FieldDifference } from '#model/drift.ts'
import type { Health, LiveResource, RuntimeEvent, Sync } from '#model/deployment.ts'

/** What makes the delivery repository so, per environment, and says how it stands. Unknown is said, never guessed. */
export interface Delivery {
  readonly can: {
    readonly enforcesNetworkPolicy: boolean
    readonly scalesReplicas: boolean
    /** Other tools of its operator find the objects that it deploys: a dashboard in a ConfigMap is loaded by somebody. */
    readonly objectsAreFound: boolean
  }
  /** Where workloads send signals, as OTLP over HTTP. Left out where the runtime tells them itself. */
  readonly otlpEndpoint?: string
  /** Look at Git now instead of at the next poll. A hint: repeating is harmless. */
  refresh(environment: string, signal: AbortSignal): Promise<void>
  /** How a service stands there. A source that cannot be asked gives sync and health `unknown` with the reason, it does not throw. */
  status(place: Place, signal: AbortSignal): Promise<LiveStatus>
  resources(place: Place, signal: AbortSignal): Promise<readonly LiveResource[]>
  /** Newest first. */
  events(place: Place, limit: number, signal: AbortSignal): Promise<readonly RuntimeEvent[]>
  /**
   * Where what runs differs from what Git wants, field by field. A rollout that is under way or failed is none: `status`
   * tells of it. Values of variables and contents of files are never told. `unknown` when the source cannot be asked.
   */
  differences(place: Place, signal: AbortSignal): Promise<Differences>
  /** Makes what runs equal to Git although Git did not change. Returns when it began; repeating is harmless. */
  repair(place: Place, signal: AbortSignal): Promise<void>
  /** Calls back when something of a service changed. A hint. Returns the unsubscribe. */
  onChange(listener: (place: Place) => void): () => void
  /**
   * What the product reads below `clusters/<environment>/` of the delivery repository to know what it may deliver, and
   * whose. `kinds` are those it may deliver besides what a service is made of. Same input, same objects. Left out where
   * it needs nothing there.
   */
  clusterObjects?(wanted: {
    environment: string
    teams: readonly string[]
    kinds?: readonly ExtraKind[]
  }): readonly ClusterObject[]
  /**
   * Points the product at the delivery repository, for one environment. A dry run changes nothing. Repeating is
   * harmless. Left out where nothing has to be pointed.
   */
  bootstrap?(environment: string, how: { dryRun: boolean }, signal: AbortSignal): Promise<readonly AppliedObject[]>
  /**
   * The way back: the product reads the delivery repository no more for that environment, and takes away what it deployed
   * there. Tells what is still there, and so nothing once all is gone: the product needs a while. Repeating is harmless, a
   * dry run changes nothing. Left out where nothing was pointed.
   */
  detach?(environment: string, how: { dryRun: boolean }, signal: AbortSignal): Promise<readonly AppliedObject[]>
  /** Lends names of its gateway to processes of developers on the same machine. Left out where it has no such gateway. */
  readonly lending?: Lending
}

/** A lent name leads nowhere once nobody asked for it again in time, and never where a deployed service is. */
export interface Lending {
  /**
   * DEV_ROUTE_REFUSED unless what listens at the port proves by `proof` that it belongs to who asks; DEV_RUNS_ALREADY
   * while another process of the same person has the service's name.
   */
  open(wanted: WantedRoute, signal: AbortSignal): Promise<LentRoute>
  /** Asks the process again, and keeps the name for it. DEV_ROUTE_ENDED when it is nobody's, or another person's. */
  renew(lease: Lease, signal: AbortSignal): Promise<LentRoute>
  /** False when there was nothing to give back. */
  close(lease: Lease, signal: AbortSignal): Promise<boolean>
  /** `http://127.0.0.1:<port>`: where a process of this machine reaches a service of an environment. */
  addressOf(place: Place, signal: AbortSignal): Promise<string>
}

export interface WantedRoute {
  readonly service: string
  readonly person: string
  /** Of 127.0.0.1. */
  readonly port: number
  /** Known to who asks and to the process at the port. */
  readonly proof: string
}

export interface Lease {
  readonly id: string
  readonly service: string
  readonly person: string
}

export interface ExtraKind {
  readonly group: string
  readonly kind: string
}

export interface ClusterObject {
  /** Below `clusters/<environment>/`, ending in `.yaml`. */
  readonly path: string
  readonly object: object
}

export interface AppliedObject {
  /** As `Application argocd/fairway-dev`. */
  readonly name: string
  readonly change: 'created' | 'changed' | 'none' | 'deleted'
  /** The object as it was sent, or as it was before it went, credentials masked. */
  readonly object: object
}

export interface Place {
  readonly environment: string
  readonly service: string
}

export type Differences =
  | { readonly kind: 'known'; readonly fields: readonly LiveDifference[] }
  | { readonly kind: 'unknown'; readonly reason: string }

export interface LiveDifference extends FieldDifference {
  /** What brought it about, where the runtime saw it. */
  readonly cause?: string
}

export interface LiveStatus {
  readonly sync: Sync
  readonly health: Health
  readonly reason?: string
  /** The delivery commit that the running version came from, and the one Git holds. */
  readonly liveCommit?: string
  readonly wantedCommit?: string
  /** Set when the rollout of `wantedCommit` ended without success: why. The old version, if any, keeps running. */
  readonly rolloutFailure?: string
  readonly image?: string
  readonly version?: string
  readonly replicas?: { readonly ready: number; readonly desired: number }
  readonly url?: string
  /** The version of each secret that what takes traffic runs with. */
  readonly secrets?: Readonly<Record<string, number>>
  readonly readAt: string
}
