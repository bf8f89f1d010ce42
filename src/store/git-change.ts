import type { HostChange } from '#model/change-request.ts'
import type { RepoRef } from '#model/names.ts'
import type { Database } from './database.ts'

/** An index of what the embedded Git host keeps under refs/changes; it can be thrown away and rebuilt. */
export interface GitChangeTable {
  owner: string
  name: string
  number: number
  key: string
  head: string
  base: string
  state: HostChange['state']
  created_at: Date
  document: HostChange
}

export interface IndexedChange {
  readonly key: string
  readonly change: HostChange
}

export async function saveGitChange(db: Database, { key, change }: IndexedChange): Promise<void> {
  const values = {
    owner: change.repo.owner,
    name: change.repo.name,
    number: change.number,
    key,
    head: change.head,
    base: change.base,
    state: change.state,
    created_at: new Date(change.createdAt),
    document: change,
  }
  await db
    .insertInto('git_change')
    .values(values)
    .onConflict((conflict) => conflict.columns(['owner', 'name', 'number']).doUpdateSet(values))
    .execute()
}

/** Makes the index of one repository exactly these changes. */
export async function replaceGitChanges(db: Database, repo: RepoRef, changes: readonly IndexedChange[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('git_change').where('owner', '=', repo.owner).where('name', '=', repo.name).execute()
    for (const change of changes) await saveGitChange(tx, change)
  })
}

/** The newest with that key, or for that head branch. */
export async function findGitChange(
  db: Database,
  repo: RepoRef,
  by: { key: string } | { head: string },
): Promise<HostChange | undefined> {
  const [column, value] = 'key' in by ? (['key', by.key] as const) : (['head', by.head] as const)
  const row = await db
    .selectFrom('git_change')
    .select('document')
    .where('owner', '=', repo.owner)
    .where('name', '=', repo.name)
    .where(column, '=', value)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.document
}

/** Newest first. */
export async function listGitChanges(
  db: Database,
  filter: { repo?: RepoRef; state?: HostChange['state']; limit: number },
): Promise<HostChange[]> {
  let query = db.selectFrom('git_change').select('document').orderBy('created_at', 'desc').orderBy('number', 'desc')
  if (filter.repo) query = query.where('owner', '=', filter.repo.owner).where('name', '=', filter.repo.name)
  if (filter.state) query = query.where('state', '=', filter.state)
  return (await query.limit(filter.limit).execute()).map((row) => row.document)
}

/** Removes what belongs to repositories that are not among `known`. */
export async function keepGitChangesOf(db: Database, known: readonly RepoRef[]): Promise<void> {
  const names = new Set(known.map((repo) => `${repo.owner}/${repo.name}`))
  const rows = await db.selectFrom('git_change').select(['owner', 'name']).distinct().execute()
  for (const { owner, name } of rows)
    if (!names.has(`${owner}/${name}`))
      await db.deleteFrom('git_change').where('owner', '=', owner).where('name', '=', name).execute()
}
