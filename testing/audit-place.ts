import { auditBranch, auditRepo } from '#model/audit-chain.ts'
import type { AuditPlace } from '#services/audit/heads.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { join } from 'node:path'
import { startLocalGitHost } from './local-git-host.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import type { Hooks } from './last-first.ts'

/** A database and a real Git host with the platform repository, for the keepers of the audit log. */
export async function auditPlace(t: Hooks): Promise<AuditPlace & TestDatabase & { folder: string }> {
  const database = await testDatabase(t, { max: 20 })
  const { host, folder } = await startLocalGitHost(t)
  await host.repositories.create({ repo: auditRepo, description: 'Settings', marker: 'seed', teams: [] })
  await host.repositories.protect(auditRepo, { pushBy: 'change', teams: [], closed: [auditBranch] })
  const objects = join(folder, 'objects.git')
  await openWorkRepository(objects)
  return { ...database, ports: { gitHost: host }, objects, folder }
}
