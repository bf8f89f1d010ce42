import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { startControlPlane } from './zz-server.ts'
import { openDataFolder } from './data-folder.ts'
const data = await openDataFolder(process.env.FAIRWAY_DATA!)
const pg = await startEmbeddedPostgres({ folder: data + '/postgres', log: console.log } as never)
const d = openDatabase(pg.url, { max: 1 })
console.log(await migrate(d.db))
await d.close()
const cp = await startControlPlane({
  dataFolder: data,
  databaseUrl: pg.url,
  host: '127.0.0.1',
  port: Number(process.env.FAIRWAY_PORT),
  gatewayPort: 7280,
  log: console.log,
})
console.log(cp.url, cp.oneTimeLink)
process.on('SIGTERM', async () => {
  await cp.close()
  await pg.stop()
  process.exit(0)
})
