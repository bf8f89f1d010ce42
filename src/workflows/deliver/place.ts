import { z } from 'zod'
import { Name } from '#model/names.ts'
import { RepoRef } from '#model/names.ts'

/** The place every step of a delivery speaks of. */
export const DeliveryPlace = z.object({ service: Name, owner: Name, environment: Name })
export type DeliveryPlace = z.infer<typeof DeliveryPlace>

/** Where a service's repository lives. */
export function serviceRepo(service: { owner: string; service: string }): z.infer<typeof RepoRef> {
  return { owner: service.owner, name: service.service }
}

/** The branch of a run's change request. */
export function runBranch(run: string): string {
  return `fairway/${run}`
}
