import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { waitUntil } from '../../testing/wait-until.ts'
import { keepPostgresUp } from './keep-postgres-up.ts'

test('a server that died comes back on its port, also when somebody else had that port for a while', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-keep-up-'))
  await chmod(folder, 0o755) // the server may run as a user of its own
  const said: string[] = []
  const options = { folder, log: (line: string) => said.push(line), fsync: false }
  const first = await startEmbeddedPostgres(options)
  const guard = keepPostgresUp(options, first)
  t.after(async () => {
    await (await guard.end()).stop()
    await rm(folder, { recursive: true, force: true })
  })

  process.kill(first.pid, 'SIGKILL')
  const other = createServer()
  await waitUntil(
    async () => {
      other.listen(first.port, '127.0.0.1')
      await once(other, 'listening')
      return true
    },
    { what: 'the port of the dead server', everyMs: 20 },
  )
  await waitUntil(() => said.some((line) => /port \d+, on which .* is taken/.test(line)), {
    what: 'the guard to say why it waits',
    ms: 60_000,
  })
  other.close()

  const answer = await waitUntil(
    async () => {
      const client = new pg.Client({ connectionString: first.url })
      client.on('error', () => {})
      await client.connect()
      const { rows } = await client.query<{ one: number }>('select 1 as one')
      await client.end()
      return rows[0]?.one
    },
    { what: 'the server on its old port', ms: 60_000, everyMs: 200 },
  )
  assert.equal(answer, 1)
})
