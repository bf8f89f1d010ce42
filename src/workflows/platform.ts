import type { CommitSigner } from '#lib/git/commit-signature.ts'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { WorkloadIdentity } from '#lib/workload-token.ts'
import type { ImageKey } from '#lib/supply-chain/image-key.ts'
import type { Adapters } from '#model/adapters.ts'
import type { Ports } from '#ports/ports.ts'
import type { Database } from '#store/database.ts'
import type { Engine } from './engine/engine.ts'
import type { PlatformSettings } from './settings.ts'

/** Everything that steps and services work with. Put together once, in main/. */
export interface Platform {
  readonly ports: Ports
  readonly db: Database
  readonly pool: Pool
  readonly log: Logger
  /** Folder of the platform's own bare repository, where rendered trees live under refs/fairway/runs/. */
  readonly objects: string
  /** Signs every commit that the platform makes in the delivery repository: one without it came past the platform. */
  readonly signer: CommitSigner
  readonly events: Events
  readonly signing: ImageSigning
  readonly adapters: ChosenAdapters
  /** The platform repository as of its newest commit. */
  settings(): Promise<PlatformSettings>
  /** `pattern` holds {service} and {environment}, without a port: a manifest does not depend on this machine. */
  readonly urls: { readonly portal: string; readonly pattern: string }
  /** A credential for signals of something that a person runs elsewhere; left out where signals are not taken here. */
  readonly signalsToken?: (whose: WorkloadIdentity, ends: Date) => string
  engine: Engine
}

/** What stands behind the ports of this process. */
export interface ChosenAdapters {
  /** As the start-up file names them; a change of the platform repository takes effect with the next start. */
  readonly running: Adapters
  /** SETTINGS_INVALID for a product that is not known here, or options that it does not take. Connects to nothing. */
  check(wanted: Adapters): Promise<void>
}

/** Who vouches for images. No pipeline ever holds the key. */
export interface ImageSigning {
  readonly key: ImageKey
  /** Public keys that are believed, the active one among them. */
  readonly trusted: readonly { readonly id: string; readonly pem: string; readonly active: boolean }[]
  /** Goes into the provenance. */
  readonly builder: { readonly id: string; readonly version: string }
}

export interface Events {
  /** Stores an event for every client that may read the object, and for those that come back within the hour. */
  publish(type: string, object: string): Promise<void>
  /** As publish, for news too frequent to store: reaches only who listens now. */
  hint(type: string, object: string): void
}
