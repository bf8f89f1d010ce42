import type { ObservabilityRequest } from '#render/observability/request.ts'
import type { Platform } from '../platform.ts'
import type { DeliveryPlace } from './place.ts'

/** What is rendered beside a service for those who watch it; undefined where nobody asked, or nobody would load it. */
export function observabilityRequest(platform: Platform, place: DeliveryPlace): ObservabilityRequest | undefined {
  const { metrics, delivery } = platform.ports
  if (!metrics.asCode || !delivery.can.objectsAreFound) return undefined
  const { labels, exportSeconds, dashboards, alertRules } = metrics.asCode
  return {
    service: place.service,
    environment: place.environment,
    owner: place.owner,
    labels,
    exportSeconds,
    portalUrl: platform.urls.portal,
    dashboard: dashboards !== undefined,
    ...(alertRules && { alertRules }),
  }
}
