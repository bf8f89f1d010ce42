import type { ChangeRequest } from '#model/change-request.ts'
import type { Deployment } from '#model/deployment.ts'
import type { Run } from '#model/run.ts'
import { listRuns } from '#store/run.ts'
import { listServices } from '#store/service.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'
import { listChanges } from './changes.ts'
import { type Attention, attentionOf, recentDeployments } from './read-service.ts'
import { type Hello, helloFor } from './tour/hello.ts'
import { type ServiceSummary, summaryOf } from './read-services.ts'

export interface Home {
  readonly services: ServiceSummary[]
  readonly attention: Attention[]
  readonly waitingForMe: ChangeRequest[]
  readonly runs: Run[]
  readonly deployments: Deployment[]
  /** No service exists on this platform yet. */
  readonly isEmpty: boolean
  /** The first service that this person may make with one act; absent where there is one, or where they may not. */
  readonly hello?: Hello
}

/** My work: services of my teams, what needs attention, what waits for my decision, my runs, my teams' last deployments. */
export async function readHome(platform: Platform, caller: Caller): Promise<Home> {
  authorise(caller, 'read')
  const mine = await listServices(platform.db, { owners: caller.person.teams })
  const isEmpty = mine.length === 0 && (await listServices(platform.db)).length === 0
  const hello = isEmpty ? await helloFor(platform, caller) : undefined
  const [services, changes, runs, deployments] = await Promise.all([
    Promise.all(mine.map((row) => summaryOf(platform, row))),
    listChanges(platform, caller, { state: 'open', limit: 100 }),
    listRuns(platform.db, { requestedBy: caller.person.name, limit: 10 }),
    Promise.all(mine.map((row) => recentDeployments(platform, { service: row.name, limit: 5 }))),
  ])
  return {
    services,
    attention: services.flatMap((service) => attentionOf(service.name, service.environments)),
    waitingForMe: changes.filter(
      (change) => change.approval.needed && !change.approval.given && change.approval.youMay,
    ),
    runs: [...runs],
    deployments: deployments
      .flat()
      .toSorted((a, b) => b.at.localeCompare(a.at))
      .slice(0, 10),
    isEmpty,
    ...(hello && { hello }),
  }
}
