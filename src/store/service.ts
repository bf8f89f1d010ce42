import type { Generated, JSONColumnType } from 'kysely'
import type { Database } from './database.ts'

/** `reserved` by the run that makes it; `adopting` while a repository that was there waits for the merge that puts it on the path. */
export type ServiceState = 'reserved' | 'adopting' | 'live'

export interface ServiceTable {
  name: string
  owner: string
  template: string
  template_version: string
  answers: JSONColumnType<Record<string, unknown>>
  state: ServiceState
  run: string
  created_at: Generated<Date>
}

export interface ServiceRow {
  readonly name: string
  readonly owner: string
  readonly template: string
  readonly templateVersion: string
  readonly answers: Record<string, unknown>
  readonly state: ServiceState
  readonly run: string
  readonly createdAt: string
}

/** Takes the name for a run. The same run gets it again; any other gets undefined. */
export async function reserveService(
  db: Database,
  service: Omit<ServiceRow, 'state' | 'createdAt'>,
  state: 'reserved' | 'adopting' = 'reserved',
): Promise<ServiceRow | undefined> {
  await db
    .insertInto('service')
    .values({
      name: service.name,
      owner: service.owner,
      template: service.template,
      template_version: service.templateVersion,
      answers: JSON.stringify(service.answers),
      state,
      run: service.run,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const row = await findService(db, service.name)
  return row?.run === service.run ? row : undefined
}

export async function setServiceLive(db: Database, name: string): Promise<void> {
  await db.updateTable('service').set({ state: 'live' }).where('name', '=', name).execute()
}

/** Gives the name back, if the run still holds it. */
export async function releaseService(db: Database, name: string, run: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('service')
    .where('name', '=', name)
    .where('run', '=', run)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export async function findService(db: Database, name: string): Promise<ServiceRow | undefined> {
  const row = await db.selectFrom('service').selectAll().where('name', '=', name).executeTakeFirst()
  return row && view(row)
}

export async function listServices(
  db: Database,
  filter: { owner?: string; owners?: readonly string[]; template?: string } = {},
): Promise<readonly ServiceRow[]> {
  let query = db.selectFrom('service').selectAll().orderBy('name')
  if (filter.owner) query = query.where('owner', '=', filter.owner)
  if (filter.owners) query = query.where('owner', 'in', filter.owners.length > 0 ? filter.owners : [''])
  if (filter.template) query = query.where('template', '=', filter.template)
  return (await query.execute()).map(view)
}

function view(row: {
  name: string
  owner: string
  template: string
  template_version: string
  answers: Record<string, unknown>
  state: ServiceState
  run: string
  created_at: Date
}): ServiceRow {
  return {
    name: row.name,
    owner: row.owner,
    template: row.template,
    templateVersion: row.template_version,
    answers: row.answers,
    state: row.state,
    run: row.run,
    createdAt: row.created_at.toISOString(),
  }
}
