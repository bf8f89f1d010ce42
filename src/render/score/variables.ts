import { PlatformError } from '#errors/platform-error.ts'
import { fillPlaceholders } from './placeholders.ts'
import { dependencyOf, serviceDependencies, type ServiceDependency } from './resources.ts'
import { namespaceOf, type ManifestRequest } from './request.ts'
import type { Container } from './schema.ts'
import { secretObjectName, secretReference } from './secrets.ts'

/** One variable of a container, as Kubernetes takes it. */
export type Variable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string
      readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
    }

/**
 * The variables of a container, by name. What runs the release's own image also gets the platform's: who it is,
 * where signals go, its port, and `FAIRWAY_SERVICE_<NAME>_URL` for every resource of type `service`.
 */
export function variablesOf(container: Container, request: ManifestRequest): Variable[] {
  const own = container.image === '.'
  const differing = own ? request.serviceEnvironment.variables : {}
  const merged = new Map(
    Object.entries(own ? platformVariables(request) : {}).map(([name, value]) => [name, plain(name, value)]),
  )
  for (const [name, text] of Object.entries(container.variables)) merged.set(name, variableOf(name, text, request))
  for (const [name, text] of Object.entries(differing)) merged.set(name, plain(name, text))
  return [...merged.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A text of score.yaml with its placeholders filled; a secret never stands in one (parseScore sees to it). */
export function textOf(text: string, request: ManifestRequest): string {
  return fillPlaceholders(text, (reference) => valueOf(reference, request))
}

/** Kubernetes expands `$(NAME)` in variables, commands and arguments; Score does not mean that, so dollars are doubled where it matters. */
export function literal(text: string): string {
  return /\$[$(]/.test(text) ? text.replaceAll('$', '$$$$') : text
}

function variableOf(name: string, text: string, request: ManifestRequest): Variable {
  const secret = secretReference(request.score, text)
  if (!secret) return plain(name, textOf(text, request))
  const object = secretObjectName(request.release.service, secret.resource)
  return { name, valueFrom: { secretKeyRef: { name: object, key: secret.key } } }
}

function plain(name: string, value: string): Variable {
  return { name, value: literal(value) }
}

function valueOf([root, ...rest]: readonly string[], request: ManifestRequest): string {
  if (root === 'metadata') return metadataText(request.score.metadata, rest)
  const [name = '', key] = rest
  const resource = request.score.resources[name]
  if (!resource) throw new PlatformError('SCORE_INVALID', `score.yaml has no resource named ${name}.`)
  const dependency = dependencyOf(resource, name)
  const host = hostOf(dependency, request)
  if (key === 'host') return host
  if (key === 'port') return String(dependency.port)
  if (key === 'name') return dependency.service
  return addressOf(dependency, request)
}

function metadataText(metadata: unknown, path: readonly string[]): string {
  const value = path.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], metadata)
  return String(value)
}

function platformVariables(request: ManifestRequest): Record<string, string> {
  const { release, environment, platform, score } = request
  const [port] = Object.values(score.service?.ports ?? {})
  const calls = serviceDependencies(score).map((dependency) => [
    `FAIRWAY_SERVICE_${dependency.service.toUpperCase().replaceAll('-', '_')}_URL`,
    addressOf(dependency, request),
  ])
  return {
    FAIRWAY_SERVICE: release.service,
    FAIRWAY_ENVIRONMENT: environment.metadata.name,
    FAIRWAY_RELEASE: release.version,
    OTEL_SERVICE_NAME: release.service,
    OTEL_RESOURCE_ATTRIBUTES: [
      `service.namespace=${release.owner}`,
      `service.version=${encodeURIComponent(release.version)}`,
      `deployment.environment.name=${environment.metadata.name}`,
    ].join(','),
    ...(platform.otlpEndpoint && { OTEL_EXPORTER_OTLP_ENDPOINT: platform.otlpEndpoint }),
    ...(port && { PORT: String(port.targetPort ?? port.port) }),
    ...Object.fromEntries(calls),
  }
}

function addressOf(dependency: ServiceDependency, request: ManifestRequest): string {
  const port = dependency.port === 80 ? '' : `:${dependency.port}`
  return `http://${hostOf(dependency, request)}${port}`
}

function hostOf({ service, owner }: ServiceDependency, { release, environment }: ManifestRequest): string {
  return `${service}.${namespaceOf(owner ?? release.owner, environment.metadata.name)}.svc.cluster.local`
}
