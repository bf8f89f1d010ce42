/** Makes the engine's own tables, without starting it; safe to repeat. */
export async function prepareEngine(databaseUrl: string): Promise<void> {
  const { migrateSystemDatabase } = await import('@dbos-inc/dbos-sdk/internal/system_database')
  const quiet = { info() {}, debug() {}, warn() {}, error() {} }
  await migrateSystemDatabase(databaseUrl, quiet as never)
}
