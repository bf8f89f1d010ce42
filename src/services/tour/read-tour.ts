import { can, type Action } from '#access/can.ts'
import { lineDiff } from '#lib/line-diff.ts'
import { repoName } from '#model/names.ts'
import type { Tour, TourAct, TourCommit } from '#model/tour.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { environmentOf } from '#workflows/settings.ts'
import { authorise, type Caller, requireService } from '../caller.ts'
import { lookAt, type Looked } from './look.ts'
import { type Standing, standingOf } from './stage.ts'

/** Where the tour of a service stands and what it offers this person now, each act with the commit it would make. */
export async function readTour(platform: Platform, caller: Caller, name: string): Promise<Tour> {
  authorise(caller, 'read')
  const looked = await lookAt(platform, await requireService(platform, name))
  return tourOf(platform, caller, { looked, standing: await standingOf(platform, looked) })
}

/** The same of what was looked at already. */
export async function tourOf(
  platform: Platform,
  caller: Caller,
  { looked, standing }: { looked: Looked; standing: Standing },
): Promise<Tour> {
  const { place, head, isBroken } = looked
  const { environments } = await platform.settings()
  const known = environments.some(({ metadata }) => metadata.name === place.environment)
  const seconds = known ? environmentOf(await platform.settings(), place.environment).spec.rolloutSeconds : 0
  return {
    service: place.service,
    environment: place.environment,
    stage: standing.stage,
    says: standing.over ?? sentence(looked, standing, seconds),
    ...(standing.run && { run: standing.run }),
    ...(isBroken && head && { commit: head.commit }),
    acts: actsOf(looked, standing).map((act) => allowed(caller, place.owner, act)),
  }
}

/** The commit that the next act makes in the service's repository. */
export function tourCommit({ place, isBroken, score }: Looked): TourCommit | undefined {
  if (!score) return undefined
  const lines = lineDiff(score.now, score.next, 1_000)
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length
  return {
    repository: repoName(serviceRepo(place)),
    branch: 'main',
    title: isBroken ? 'Ask for readiness where it is answered' : 'Ask for readiness where nothing answers',
    file: {
      path: 'score.yaml',
      status: 'modified',
      before: score.now,
      after: score.next,
      additions: count('+ '),
      deletions: count('- '),
    },
  }
}

function sentence({ place, head }: Looked, { stage }: Standing, seconds: number): string {
  const { service, environment } = place
  const commit = head?.commit.slice(0, 12) ?? ''
  const words: Readonly<Record<Standing['stage'], string>> = {
    making: `${service} is being made; once it is healthy you can break it on purpose.`,
    whole: `${service} is healthy in ${environment}, and nobody relies on it yet: a good moment to see what happens when a release is bad.`,
    breaking: `Commit ${commit} is on its way to ${environment}. Its new version never becomes ready, so the rollout gives up after ${seconds} s; the version before goes on answering all the while.`,
    broken: `The rollout of ${commit} failed, and the version before still answers in ${environment}. Git says the bad release should run there: roll it back.`,
    'rolling-back': `The version before is coming back to ${environment} by a commit of the delivery repository.`,
    back: `${environment} is back on the version before. Commit ${commit} is still on main of ${service}: the next push would fail the same way until it is mended.`,
    mending: `Commit ${commit} takes the break back and is on its way to ${environment}.`,
    over: `There is no tour of ${service}.`,
  }
  return words[stage]
}

function actsOf(looked: Looked, { stage }: Standing): (Omit<TourAct, 'can' | 'reason'> & { needs: Action })[] {
  const { service, environment } = looked.place
  const commit = tourCommit(looked)
  const repository = commit?.repository ?? ''
  const change = commit && { commit }
  const breakIt = {
    act: 'break' as const,
    title: 'Break it',
    says: `Makes one commit on main of ${repository}: the readiness probe in score.yaml asks a path that nothing answers. The push releases it to ${environment} as any other; the version that runs there goes on answering.`,
    command: `fairway tour break ${service}`,
    needs: 'repository.push' as const,
    ...change,
  }
  const rollBack = {
    act: 'roll-back' as const,
    title: 'Roll it back',
    says: `Makes one commit in the delivery repository that restores what was healthy in ${environment}. Main of ${repository} stays as it is.`,
    command: `fairway rollback ${service} --env ${environment}`,
    needs: 'service.rollback' as const,
  }
  const mend = {
    act: 'mend' as const,
    title: 'Mend it',
    says: `Makes one commit on main of ${repository} that takes the break back; the push releases it to ${environment}.`,
    command: `fairway tour mend ${service}`,
    needs: 'repository.push' as const,
    ...change,
  }
  if (stage === 'whole') return [breakIt]
  if (stage === 'broken') return [rollBack, mend]
  return stage === 'back' ? [mend] : []
}

function allowed(
  { person }: Caller,
  owner: string,
  { needs, ...act }: Omit<TourAct, 'can' | 'reason'> & { needs: Action },
): TourAct {
  const may = can(person, needs, owner)
  return { ...act, can: may, ...(!may && { reason: `your role does not allow it for ${owner}` }) }
}
