import type { IService } from 'kubernetes-models/v1/Service'
import { PlatformError } from '#errors/platform-error.ts'
import { metadataOf, selectorOf } from './labels.ts'
import { type ManifestRequest, urlOf } from './request.ts'

/** The Service, annotated with the address by which the gateway serves it; undefined for a workload without ports. */
export function serviceOf(request: ManifestRequest): IService | undefined {
  const ports = Object.entries(request.score.service?.ports ?? {})
  if (ports.length === 0) return undefined
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadataOf(request), annotations: addressesOf(request) },
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(request),
      ports: ports.map(([name, { port, targetPort, protocol }]) => ({
        name,
        port,
        targetPort: targetPort ?? port,
        protocol,
      })),
    },
  }
}

function addressesOf({ platform, release, environment, serviceEnvironment }: ManifestRequest): Record<string, string> {
  const place = { service: release.service, environment: environment.metadata.name }
  const url = urlOf(platform.urlPattern, place)
  const reserved = reservedHosts(platform.urlPattern)
  for (const host of serviceEnvironment.hosts) {
    if (reserved.test(host) && host !== new URL(url).hostname) {
      throw new PlatformError(
        'SETTINGS_INVALID',
        `The host ${host} is one the platform gives to services by their names.`,
      )
    }
  }
  const hosts = [...new Set(serviceEnvironment.hosts)].sort()
  return { 'fairway.dev/url': url, ...(hosts.length > 0 && { 'fairway.dev/hosts': hosts.join(',') }) }
}

/** Hosts under the platform's own pattern: a service that asked for another's would take its visitors. */
function reservedHosts(pattern: string): RegExp {
  const { hostname } = new URL(urlOf(pattern, { service: 'fairway-any', environment: 'fairway-any' }))
  const escaped = hostname.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('fairway-any', '[a-z0-9-]+')}$`, 'i')
}
