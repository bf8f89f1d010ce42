import type { Place } from '#ports/delivery.ts'
import { folderOf } from '../delivery-commits.ts'

const apiVersion = 'argoproj.io/v1alpha1'
export const applicationKind = { apiVersion, kind: 'Application' } as const
export const applicationSetKind = { apiVersion, kind: 'ApplicationSet' } as const
export const projectKind = { apiVersion, kind: 'AppProject' } as const

/** Names have no dots: one place, one Application, and back. */
export function applicationName(place: Place): string {
  folderOf(place)
  return `${place.environment}.${place.service}`
}

/** Asks the controller to look at Git now; it removes the annotation when it did. */
export const refreshAnnotation = 'argocd.argoproj.io/refresh'
export const setRefreshAnnotation = 'argocd.argoproj.io/application-set-refresh'
/** When Fairway asked last. */
export const askedAnnotation = 'fairway.dev/refresh-asked'
