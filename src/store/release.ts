import type { Generated } from 'kysely'
import type { Deployment } from '#model/deployment.ts'
import type { Release } from '#model/release.ts'
import type { Database } from './database.ts'

export interface ReleaseTable {
  service: string
  commit: string
  owner: string
  version: string
  image: string
  digest: string
  config_digest: string
  message: string
  created_by: string
  run: string
  sbom_digest: string | null
  provenance_digest: string | null
  signed_by: string | null
  created_at: Generated<Date>
}

export interface DeploymentOutcomeTable {
  service: string
  environment: string
  commit: string
  outcome: Deployment['outcome']
  reason: string | null
  at: Generated<Date>
}

/** Records a release; the same commit keeps its first record. */
export async function recordRelease(db: Database, release: Omit<Release, 'createdAt'>): Promise<Release> {
  await db
    .insertInto('release')
    .values({
      service: release.service,
      commit: release.commit,
      owner: release.owner,
      version: release.version,
      image: release.image,
      digest: release.digest,
      config_digest: release.configDigest,
      message: release.message,
      created_by: release.createdBy,
      run: release.run,
      sbom_digest: release.sbomDigest ?? null,
      provenance_digest: release.provenanceDigest ?? null,
      signed_by: release.signedBy ?? null,
    })
    .onConflict((conflict) => conflict.columns(['service', 'commit']).doNothing())
    .execute()
  const row = await db
    .selectFrom('release')
    .selectAll()
    .where('service', '=', release.service)
    .where('commit', '=', release.commit)
    .executeTakeFirstOrThrow()
  return view(row)
}

export async function findRelease(
  db: Database,
  service: string,
  by: { commit?: string; version?: string },
): Promise<Release | undefined> {
  let query = db.selectFrom('release').selectAll().where('service', '=', service)
  if (by.commit) query = query.where('commit', '=', by.commit)
  if (by.version) query = query.where('version', '=', by.version)
  const row = await query.orderBy('created_at', 'desc').executeTakeFirst()
  return row && view(row)
}

/** Removes the releases that a run recorded, where its undo takes the whole service away. */
export async function forgetReleases(db: Database, run: string): Promise<void> {
  await db.deleteFrom('release').where('run', '=', run).execute()
}

/** Newest first. */
export async function listReleases(db: Database, service: string, limit: number): Promise<readonly Release[]> {
  return (
    await db
      .selectFrom('release')
      .selectAll()
      .where('service', '=', service)
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute()
  ).map(view)
}

/** What became of a deployment. `healthy` is final: a later crash is the runtime's news, not a failed deployment. */
export async function recordOutcome(
  db: Database,
  outcome: { service: string; environment: string; commit: string; outcome: Deployment['outcome']; reason?: string },
): Promise<void> {
  const values = { ...outcome, reason: outcome.reason ?? null }
  await db
    .insertInto('deployment_outcome')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(['service', 'environment', 'commit'])
        .doUpdateSet({ outcome: values.outcome, reason: values.reason })
        .where('deployment_outcome.outcome', '!=', 'healthy'),
    )
    .execute()
}

export async function outcomesOf(
  db: Database,
  service: string,
  environment?: string,
): Promise<ReadonlyMap<string, { outcome: Deployment['outcome']; reason?: string }>> {
  let query = db.selectFrom('deployment_outcome').selectAll().where('service', '=', service)
  if (environment) query = query.where('environment', '=', environment)
  const rows = await query.execute()
  return new Map(
    rows.map((row) => [
      `${row.environment}:${row.commit}`,
      { outcome: row.outcome, ...(row.reason && { reason: row.reason }) },
    ]),
  )
}

function view(row: {
  service: string
  commit: string
  owner: string
  version: string
  image: string
  digest: string
  config_digest: string
  message: string
  created_by: string
  run: string
  sbom_digest: string | null
  provenance_digest: string | null
  signed_by: string | null
  created_at: Date
}): Release {
  return {
    service: row.service,
    owner: row.owner,
    version: row.version,
    commit: row.commit,
    image: row.image,
    digest: row.digest,
    configDigest: row.config_digest,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    run: row.run,
    message: row.message,
    ...(row.sbom_digest && { sbomDigest: row.sbom_digest }),
    ...(row.provenance_digest && { provenanceDigest: row.provenance_digest }),
    ...(row.signed_by && { signedBy: row.signed_by }),
  }
}
