import type { Environment, ServiceEnvironment } from '#model/environment.ts'
import type { Release } from '#model/release.ts'
import type { Score } from './schema.ts'

/** All that the manifests of a service in an environment depend on. */
export interface ManifestRequest {
  readonly score: Score
  readonly serviceEnvironment: ServiceEnvironment
  readonly environment: Environment
  readonly release: Pick<Release, 'service' | 'owner' | 'version' | 'commit' | 'image' | 'digest'>
  readonly platform: {
    /** Where workloads send signals, as `http://collector.fairway-signals:4318`. */
    readonly otlpEndpoint?: string
    /** `http://{service}.{environment}.localhost:7080`. */
    readonly urlPattern: string
  }
}

/** Stands for the digest of an image that is not built yet, in previews. */
export const placeholderDigest = `sha256:${'0'.repeat(64)}`

/** `<team>-<environment>`, made by the platform with quota, default-deny network and access rules. */
export function namespaceOf(owner: string, environment: string): string {
  return `${owner}-${environment}`
}

/** Where a service is reached in an environment, by the platform's pattern. */
export function urlOf(pattern: string, place: { service: string; environment: string }): string {
  return pattern.replaceAll('{service}', place.service).replaceAll('{environment}', place.environment)
}
