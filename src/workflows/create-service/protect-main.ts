import { serviceRepo } from '../deliver/place.ts'
import type { Platform } from '../platform.ts'

/** No force push and no deletion for anybody; who may push is what `serviceReview` says. Gives the rule in words. */
export async function protectMain(platform: Platform, input: { service: string; owner: string }): Promise<string> {
  const review = (await platform.settings()).platform.spec.serviceReview
  const pushBy = review === 'one' ? 'change' : 'team'
  const refusal = `main takes reviewed changes only. Push a branch, then: fairway change open --service ${input.service} --branch NAME`
  await platform.ports.gitHost.repositories.protect(serviceRepo(input), { pushBy, teams: [input.owner], refusal })
  return pushBy === 'team'
    ? `main takes fast-forward pushes of ${input.owner} only`
    : 'main takes reviewed changes only'
}
