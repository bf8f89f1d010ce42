import { repoName } from '#model/names.ts'
import type { Run } from '#model/run.ts'
import { replaceEntities } from '#store/entity.ts'
import { findService, releaseService } from '#store/service.ts'
import { serviceRepo } from '../deliver/place.ts'
import { whyRepositoryStays } from '../deliver/why-repository-stays.ts'
import type { StepUndo } from '../engine/step.ts'

/** Days that the repository of an undone run stays in the archive before upkeep deletes it. */
export const archiveDays = 7

/** The name is free again once the repository is out of its way. */
export const nameUndo: StepUndo = {
  async look({ platform, original }) {
    const kept = await whyRepositoryStays(platform, original)
    if (kept) return { undone: false, reason: `the name ${original.service} stays taken: ${kept}` }
    const row = await findService(platform.db, original.service ?? '')
    return row && row.run !== original.id
      ? { undone: false, reason: `the name ${original.service} belongs to another run` }
      : { undone: true, reason: `the name ${original.service} becomes free` }
  },
  async act({ platform, original }) {
    await releaseService(platform.db, original.service ?? '', original.id)
    return { undone: true, reason: `the name ${original.service} is free again` }
  },
}

/** The repository is archived; what else the run made in it goes with it. */
export const repositoryUndo: StepUndo = {
  async look({ platform, original }) {
    const kept = await whyRepositoryStays(platform, original)
    if (kept) return { undone: false, reason: kept }
    const found = await platform.ports.gitHost.repositories.find(repoOf(original))
    return found
      ? { undone: true, reason: `repository ${repoName(repoOf(original))} is archived, and deleted on ${lastDay()}` }
      : { undone: true, reason: `repository ${repoName(repoOf(original))} is not there` }
  },
  async act({ platform, original }) {
    const repo = repoOf(original)
    await platform.ports.gitHost.repositories.archive(repo, `run ${original.id} was undone`)
    return { undone: true, reason: `repository ${repoName(repo)} archived; it is deleted on ${lastDay()}` }
  },
}

export const catalogUndo: StepUndo = {
  async look({ platform, original }) {
    const kept = await whyRepositoryStays(platform, original)
    return kept
      ? { undone: false, reason: `catalog entry of ${original.service} stays: ${kept}` }
      : { undone: true, reason: `catalog entry of ${original.service} goes` }
  },
  async act({ platform, original }) {
    await replaceEntities(platform.db, repoName(repoOf(original)), [])
    await platform.events.publish('catalog', repoName(repoOf(original)))
    return { undone: true, reason: `catalog entry of ${original.service} removed` }
  },
}

/** The undo of what is inside the repository. */
export function goesWithRepository(what: string): StepUndo {
  const look: StepUndo['look'] = async ({ platform, original }) => {
    const kept = await whyRepositoryStays(platform, original)
    return kept
      ? { undone: false, reason: `${what} stays: ${kept}` }
      : { undone: true, reason: `${what} goes with the repository` }
  }
  return { look, act: look }
}

function repoOf({ service = '', team = '' }: Run) {
  return serviceRepo({ service, owner: team })
}

function lastDay(): string {
  return new Date(Date.now() + archiveDays * 86_400_000).toISOString().slice(0, 10)
}
