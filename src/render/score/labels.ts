import { namespaceOf, type ManifestRequest } from './request.ts'

/** Whose an object is, and where it is meant for. */
export interface Labelled {
  readonly release: { readonly service: string; readonly owner: string }
  readonly environment: { readonly metadata: { readonly name: string } }
}

/** Labels that stay over releases, so that a promotion changes only what the release changes. */
export function standingLabels({ release, environment }: Labelled): Record<string, string> {
  return {
    'app.kubernetes.io/name': release.service,
    'app.kubernetes.io/part-of': release.owner,
    'app.kubernetes.io/managed-by': 'fairway',
    'fairway.dev/service': release.service,
    'fairway.dev/owner': release.owner,
    'fairway.dev/environment': environment.metadata.name,
  }
}

/** Labels of the release, on the Deployment and its pods. */
export function releaseLabels({ release }: ManifestRequest): Record<string, string> {
  return {
    'app.kubernetes.io/version': labelValue(release.version),
    'fairway.dev/release': labelValue(release.version),
    'fairway.dev/commit': release.commit,
  }
}

/** Chooses the pods of the service. A Deployment's selector can never change, hence the fewest labels. */
export function selectorOf({ release }: ManifestRequest): Record<string, string> {
  return { 'app.kubernetes.io/name': release.service }
}

/** Name, namespace and standing labels of an object. */
export function metadataOf(request: Labelled, name = request.release.service) {
  return {
    name,
    namespace: namespaceOf(request.release.owner, request.environment.metadata.name),
    labels: standingLabels(request),
  }
}

// A SemVer build part begins with +, which labels do not take; they take 63 characters, alphanumeric at both ends.
function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
}
