import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '#lib/free-port.ts'
import { type OpenDatabase, openDatabase } from '#store/database.ts'
import { findEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { insertRun, patchRun } from '#store/run.ts'
import { fairway } from '../../testing/cli.ts'
import { mailServer } from '../../testing/mail-server.ts'
import { preparePlatform, type TestPlatform } from '../../testing/start-platform.ts'
import { waitUntil } from '../../testing/wait-until.ts'

const key = randomBytes(32)

test('messages leave a real platform by mail and signed webhook, once each, and what was refused is sent again', {
  timeout: 500_000,
}, async (t) => {
  const ports = { mail: await freePort(), hook: await freePort() }
  const platform = await tinyPlatform(t, ports)
  const opened = openDatabase(await databaseUrl(platform.data))
  t.after(() => opened.close())
  for (const name of ['platform', 'dev']) assert.equal((await fairway(platform, ['login', '--as', name])).exit, 0)

  const run = await waitingPromotion(platform)
  await untilOutbox(opened, run, (rows) => rows.length === 4 && rows.every(({ reason }) => reason !== null))
  const [mail, hook] = await Promise.all([mailServer(ports.mail), receiver(ports.hook)])
  t.after(() => Promise.all([mail.stop(), hook.stop()]))

  await t.test(
    'a run that waits for an approval: one mail to each who may give it, one webhook to its team',
    async () => {
      await untilOutbox(opened, run, (rows) => rows.every(({ state }) => state === 'sent'))

      const people = ['ines.moreau', 'jonas.keller', 'milan.novak'].map((name) => `<${name}@example.com>`)
      assert.deepEqual(mail.taken.map(({ to }) => to.join()).toSorted(), people)
      for (const { raw } of mail.taken) {
        assert.match(raw, /^Subject: Promotion of shop in production waits for an approval\r$/m)
        assert.ok(raw.includes(`${platform.url}/runs/${run}`), raw)
      }
      const [taken] = hook.taken
      const { type, data } = JSON.parse(taken?.body ?? '{}') as { type: string; data: Record<string, string> }
      assert.equal(hook.taken.length, 1)
      assert.equal(type, 'fairway.approval-waiting')
      assert.deepEqual([data['team'], data['run'], data['service']], ['team-a', run, 'shop'])
      assert.equal(taken?.headers['webhook-signature'], taken && signatureOf(taken))
    },
  )

  await t.test('what a receiver refused is told by the command line, and sent again under its id', async () => {
    const none = await fairway(platform, ['notifications', 'given-up', '--as', 'platform'])
    assert.match(none.stdout + none.stderr, /no message was given up/)
    hook.answers(410)
    await insertRun(opened.db, { ...runOf('rrefused'), team: 'team-a' })
    await patchRun(opened.db, 'rrefused', { state: 'failed', finished: true })
    await untilOutbox(opened, 'rrefused', (rows) => rows.some(({ state }) => state === 'given-up'))

    const listed = await fairway(platform, ['notifications', 'given-up', '--json', '--as', 'platform'])
    const rows = listed.json<{ id: string; channel: string; recipient: string; reason: string }[]>()
    const [given] = rows
    assert.deepEqual(
      rows.map(({ channel, recipient, reason }) => [channel, recipient, reason]),
      [['webhook', 'team-a', 'the receiver answered 410']],
    )
    const id = given?.id ?? ''
    assert.equal((await fairway(platform, ['notifications', 'given-up', '--as', 'dev'])).code, 'NOT_ALLOWED')
    assert.equal((await fairway(platform, ['notifications', 'send-again', id, '--as', 'dev'])).code, 'NOT_ALLOWED')

    hook.answers(204)
    assert.equal((await fairway(platform, ['notifications', 'send-again', id, '--as', 'platform'])).exit, 0)
    await untilOutbox(opened, 'rrefused', (all) => all.every(({ state }) => state === 'sent'))
    assert.equal(hook.taken.at(-1)?.headers['webhook-id'], id)
    const twice = await fairway(platform, ['notifications', 'send-again', id, '--as', 'platform'])
    assert.equal(twice.code, 'NOT_FOUND')
    assert.match(twice.stderr, /fairway notifications given-up/)
  })
})

const runOf = (id: string) =>
  ({
    id,
    workflow: 'promote',
    requestedBy: 'dev',
    input: {},
    steps: [],
    service: 'shop',
    environment: 'staging',
  }) as const

/** A service that is healthy in staging and that dev wants in production. */
async function waitingPromotion(platform: TestPlatform): Promise<string> {
  const made = await fairway(platform, ['new', '--template', 'tiny', '--name', 'shop', '--owner', 'team-a', '--wait'])
  assert.equal(made.exit, 0, made.stderr)
  const staged = await fairway(platform, ['promote', 'shop', '--to', 'staging', '--wait'])
  assert.equal(staged.exit, 0, staged.stderr)
  const asked = await fairway(platform, ['promote', 'shop', '--to', 'production', '--json'])
  assert.equal(asked.exit, 0, asked.stderr)
  return asked.json<{ run: { id: string } }>().run.id
}

interface OutboxRow {
  readonly state: string
  readonly reason: string | null
}

async function untilOutbox(
  { db }: OpenDatabase,
  run: string,
  isSo: (rows: readonly OutboxRow[]) => boolean,
): Promise<void> {
  const read = async () => {
    const rows = await db.selectFrom('notification_outbox').select(['message', 'state', 'reason']).execute()
    return rows.filter(({ message }) => message['run'] === run)
  }
  const what = `the outbox of ${run}: ${isSo.toString()}`
  await waitUntil(async () => read().then((rows) => rows.length > 0 && isSo(rows)), { what, ms: 120_000, everyMs: 200 })
}

interface Taken {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

async function receiver(port: number) {
  const taken: Taken[] = []
  let status = 204
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (status < 300) taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      answer.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    taken,
    answers: (next: number) => void (status = next),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As Standard Webhooks has a receiver compute it. */
function signatureOf({ headers, body }: Taken): string {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

/** The platform as `npm start` has it, with the tiny golden path and both ways out. */
async function tinyPlatform(t: TestContext, ports: { mail: number; hook: number }): Promise<TestPlatform> {
  const text = `apiVersion: fairway.dev/v1
kind: Platform
spec:
  notifications:
    smtp: { host: 127.0.0.1, port: ${ports.mail}, security: none, from: fairway@example.com }
    webhook:
      allowPrivateAddresses: true
      targets:
        - { team: team-a, url: 'http://127.0.0.1:${ports.hook}/hook', secrets: [{ fromEnv: NOTIFY_HOOK_SECRET }] }
`
  const env = async () => ({ NOTIFY_HOOK_SECRET: `whsec_${key.toString('base64')}` })
  const program = [join(import.meta.dirname, '../proofs/crash-grid/control-plane.ts')]
  const platform = await preparePlatform(program, { text, env })
  t.after(() => platform.remove())
  await platform.start()
  return platform
}

async function databaseUrl(data: string): Promise<string> {
  const server = await findEmbeddedPostgres(join(data, 'postgres'))
  assert.ok(server, 'PostgreSQL of the platform runs')
  return server.url
}
