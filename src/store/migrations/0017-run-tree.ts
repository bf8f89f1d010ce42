import { type Kysely, sql } from 'kysely'

/** What a run rendered, for a replica that takes it over and has another disk. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table run_tree (
    run text not null references run(id) on delete cascade,
    name text not null, tree text not null, pack bytea not null,
    primary key (run, name))`.execute(db)
}
