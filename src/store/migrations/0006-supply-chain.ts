import { type Kysely, sql } from 'kysely'

/** What vouches for a release. Releases from before have none of it, and are no longer deployed. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table release add column sbom_digest text, add column provenance_digest text, add column signed_by text`.execute(
    db,
  )
}
