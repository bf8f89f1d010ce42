import type { Environment } from '#model/environment.ts'

/** All that the cluster folder of an environment depends on. */
export interface ClusterRequest {
  readonly environment: Environment
  /** Names of all environments, in promotion order. */
  readonly environments: readonly string[]
  /** Names of all teams. */
  readonly teams: readonly string[]
  /** Rego and policy.yaml below `policies/`. */
  readonly rules: readonly { readonly path: string; readonly text: string }[]
  /** Whether alert rules are delivered as objects of their own kind. */
  readonly ruleObjects?: boolean
}

/** Labels of everything that the platform puts into a cluster for a team, or for itself when no team is named. */
export function clusterLabels(environment: string, team = 'platform'): Record<string, string> {
  return {
    'app.kubernetes.io/name': team,
    'app.kubernetes.io/part-of': team,
    'app.kubernetes.io/managed-by': 'fairway',
    'fairway.dev/owner': team,
    'fairway.dev/environment': environment,
  }
}
