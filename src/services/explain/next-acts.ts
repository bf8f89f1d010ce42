import { can } from '#access/can.ts'
import type { Deployment } from '#model/deployment.ts'
import type { FailureKind, NextAct } from '#model/explanation.ts'
import type { Problem } from '#model/problem.ts'
import type { Run } from '#model/run.ts'
import type { Caller } from '../caller.ts'
import type { FailedPlace } from './changed-since.ts'

export interface ActFacts {
  readonly run: Run
  readonly kind: FailureKind
  readonly place: FailedPlace
  readonly problem: Problem
  readonly good: Deployment | undefined
  /** Of the service's repository. */
  readonly commit: string | undefined
  /** Whether something of the release reached the environment. */
  readonly delivered: boolean
}

/** The two most likely next acts, the likeliest first. What cannot help is not offered: a retry does not mend a port. */
export function nextActs(caller: Caller, facts: ActFacts): NextAct[] {
  const { kind, delivered, good } = facts
  const retry = retryOf(caller, facts)
  const mend = mendOf(caller, facts)
  if (kind === 'secret') return [setSecret(caller, facts), retry]
  if (kind === 'artefacts' || kind === 'disk') return [doctor(), retry]
  if (delivered && good) return [rollback(caller, facts), kind === 'silent-runtime' ? retry : mend]
  if (delivered) return [mend, logs(facts)]
  if (kind === 'other') return [retry, doctor()]
  return [mend, kind === 'test' || facts.commit === undefined ? retry : revert(caller, facts, facts.commit)]
}

function retryOf({ person }: Caller, { run, place }: ActFacts): NextAct {
  const may = can(person, 'run.retry', run.team ?? place.owner)
  return { act: 'retry', title: 'Retry from this step', command: `fairway run retry ${run.id} --wait`, may }
}

function rollback({ person }: Caller, { place: { service, environment, owner } }: ActFacts): NextAct {
  return {
    act: 'open',
    title: `Roll back ${environment}`,
    command: `fairway rollback ${service} --env ${environment} --wait`,
    link: `/catalog/component/default/${service}/rollback?environment=${environment}`,
    may: can(person, 'service.rollback', owner),
  }
}

/** A commit is made in a clone; the portal can only hand over the line. */
function mendOf({ person }: Caller, { place, kind }: ActFacts): NextAct {
  const what = kind === 'test' || kind === 'pipeline' ? 'the code' : kind === 'crash' ? 'the start' : 'score.yaml'
  const may = person.teams.includes(place.owner)
  return { act: 'copy', title: `Clone and mend ${what}`, command: `fairway clone ${place.service}`, may }
}

function setSecret({ person }: Caller, { place: { service, environment, owner }, problem }: ActFacts): NextAct {
  const missing = problem.facts?.['missing']
  const name = Array.isArray(missing) ? String(missing[0]) : 'NAME'
  return {
    act: 'open',
    title: `Set ${name}`,
    command: `fairway secret set ${name} --service ${service} --env ${environment}`,
    link: `/catalog/component/default/${service}/secrets?environment=${environment}`,
    may: can(person, 'secret.write', owner),
  }
}

function doctor(): NextAct {
  return { act: 'open', title: 'Ask the doctor', command: 'fairway doctor', link: '/admin/doctor', may: true }
}

function logs({ place: { service, environment } }: ActFacts): NextAct {
  return {
    act: 'open',
    title: 'Read its log',
    command: `fairway logs ${service} --env ${environment}`,
    link: `/catalog/component/default/${service}/logs?environment=${environment}`,
    may: true,
  }
}

function revert({ person }: Caller, { place }: ActFacts, commit: string): NextAct {
  const command = `git revert --no-edit ${commit.slice(0, 12)} && git push`
  return { act: 'copy', title: 'Take the commit back', command, may: person.teams.includes(place.owner) }
}
