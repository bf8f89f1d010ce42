import type { AdmissionView } from '#model/admission.ts'
import { ruleObjects } from '#render/admission/render-admission.ts'
import { clusterRequests } from '#workflows/cluster/cluster-files.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'

/** The door of one environment's cluster. */
export interface EnvironmentDoor {
  readonly environment: string
  readonly admission: AdmissionView
}

const patienceMs = 8_000

/** What stands at the door of each environment's cluster, in promotion order, asked anew. */
export async function readAdmission(platform: Platform, caller: Caller): Promise<EnvironmentDoor[]> {
  authorise(caller, 'read')
  return lookAtDoors(platform)
}

/** The same for the platform itself. */
export async function lookAtDoors(platform: Platform): Promise<EnvironmentDoor[]> {
  const requests = await clusterRequests(platform, await platform.settings())
  return Promise.all(
    requests.map(async (request) => {
      const environment = request.environment.metadata.name
      const question = { environment, rules: ruleObjects(request) }
      return { environment, admission: await platform.ports.admission.look(question, AbortSignal.timeout(patienceMs)) }
    }),
  )
}
