import type { Database } from './database.ts'

export interface RunTreeTable {
  run: string
  name: string
  tree: string
  pack: Buffer
}

export async function saveRunTree(db: Database, row: RunTreeTable): Promise<void> {
  await db
    .insertInto('run_tree')
    .values(row)
    .onConflict((conflict) => conflict.columns(['run', 'name']).doUpdateSet({ tree: row.tree, pack: row.pack }))
    .execute()
}

export async function runTrees(db: Database, run: string): Promise<readonly RunTreeTable[]> {
  return db.selectFrom('run_tree').selectAll().where('run', '=', run).execute()
}
