import type { Place } from '#ports/delivery.ts'
import { folderOf } from '../delivery-commits.ts'

export const sourceKind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' } as const
export const kustomizationKind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' } as const

/** Asks a controller to look now; it notes the value in its status when it did. */
export const requestedAnnotation = 'reconcile.fluxcd.io/requestedAt'

/** The source of an environment, and its Kustomization of `clusters/<environment>`. */
export function platformName(environment: string): string {
  folderOf({ environment, service: 'any' })
  return `fairway-${environment}`
}

/** Names have no dots: one place, one Kustomization, and back. */
export function kustomizationName(place: Place): string {
  folderOf(place)
  return `${place.environment}.${place.service}`
}

/** The account that a team's services are deployed as, in Flux's own namespace. */
export function deployerName({ team, environment }: { team: string; environment: string }): string {
  return `fairway-${team}-${environment}`
}
