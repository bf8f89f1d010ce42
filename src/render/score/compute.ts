import { PlatformError } from '#errors/platform-error.ts'
import type { Resources } from '#model/environment.ts'
import { quantityOf, writeQuantity } from './quantity.ts'
import type { ManifestRequest } from './request.ts'
import type { Container } from './schema.ts'

const amounts = ['cpu', 'memory'] as const

/**
 * Requests and limits of a container: the environment's defaults, under score.yaml, under the service's file for the
 * environment. A default gives way where it contradicts what somebody wrote; two written values that contradict are refused.
 */
export function computeOf(name: string, container: Container, request: ManifestRequest): Resources {
  const own = container.image === '.' ? request.serviceEnvironment.resources : undefined
  const defaults = request.environment.spec.defaults.resources
  const result: Resources = { requests: { cpu: '', memory: '' }, limits: { cpu: '', memory: '' } }
  for (const amount of amounts) {
    const wanted = own?.requests?.[amount] ?? container.resources?.requests?.[amount]
    const most = own?.limits?.[amount] ?? container.resources?.limits?.[amount]
    let lower = wanted ?? defaults.requests[amount]
    let upper = most ?? defaults.limits[amount]
    if (quantityOf(lower) > quantityOf(upper)) {
      if (wanted !== undefined && most !== undefined) throw contradiction(name, amount, `${lower} and ${upper}`)
      if (wanted === undefined) lower = upper
      else upper = lower
    }
    result.requests[amount] = writeQuantity(lower)
    result.limits[amount] = writeQuantity(upper)
  }
  return result
}

function contradiction(name: string, amount: string, values: string): PlatformError {
  const path = `containers/${name}/resources/requests/${amount}`
  const message = `the request is more than the limit (${values})`
  return new PlatformError('SCORE_INVALID', `${path}: ${message}.`, { errors: [{ path, message }] })
}
