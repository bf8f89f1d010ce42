import { type Kysely, sql } from 'kysely'

/** Pages of documentation, read from Git and sanitised, with what a search needs. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table doc_page (
    source text not null, path text not null, title text not null, problem text,
    headings jsonb not null, tree jsonb not null, words text not null,
    commit text not null, read_at timestamptz not null default now(),
    found_by tsvector generated always as (
      setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', words), 'B')) stored,
    primary key (source, path))`.execute(db)
  await sql`create index doc_page_found_by on doc_page using gin (found_by)`.execute(db)
}
