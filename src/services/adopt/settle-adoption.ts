import { repoName } from '#model/names.ts'
import { replaceEntities } from '#store/entity.ts'
import { releaseService, type ServiceRow, setServiceLive } from '#store/service.ts'
import { adoptionBranch, isOnPath } from '#workflows/adopt/adoption.ts'
import { protectMain } from '#workflows/create-service/protect-main.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { registerEntities } from '#workflows/release/read-repository.ts'

/**
 * What became of an adoption. Once main says what the service is, its main is protected as every service's, and it is on the
 * path: the next look releases it. Where the change request was closed instead, name and catalog entry are given back.
 */
export async function settleAdoption(platform: Platform, row: ServiceRow): Promise<void> {
  const place = { service: row.name, owner: row.owner }
  const repo = serviceRepo(place)
  const { changes, files } = platform.ports.gitHost
  if (await isOnPath(platform, repo)) {
    const commit = await files.resolve(repo, 'main')
    if (!commit) return
    await registerEntities(platform, { ...place, commit })
    await protectMain(platform, place)
    await setServiceLive(platform.db, row.name)
    // Somebody wrote the files to main by hand: what was proposed is decided.
    const left = await changes.findByHead(repo, adoptionBranch)
    if (left?.state === 'open') await changes.close(repo, left.number, 'main says by itself what the service is')
    return platform.events.publish('service', row.name)
  }
  const change = await changes.findByHead(repo, adoptionBranch)
  if (change?.state !== 'closed') return
  if (await releaseService(platform.db, row.name, row.run)) await replaceEntities(platform.db, repoName(repo), [])
  await platform.events.publish('service', row.name)
}
