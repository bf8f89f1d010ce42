import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { isPublicAddress } from '#lib/http/public-address.ts'
import { messageTo, notificationsContract } from '#ports/notifications.contract.ts'
import { checkConnection } from './check-connection.ts'
import { WebhookOptions } from './options.ts'
import { post } from './post.ts'
import { webhook } from './webhook.ts'

const keys = [randomBytes(32), randomBytes(24)]
process.env['WEBHOOK_TEST_NEW'] = `whsec_${keys[0]?.toString('base64')}`
process.env['WEBHOOK_TEST_OLD'] = `whsec_${keys[1]?.toString('base64')}`

interface Taken {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

async function receiver() {
  const taken: Taken[] = []
  let status = 200
  let seen = 0
  const server = createServer((request, answer) => {
    seen += 1
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (status === 0) return // never answers
      if (status < 300) taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      answer.writeHead(status, { location: '/elsewhere', 'retry-after': '7' }).end('x'.repeat(10_000))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return {
    url,
    taken,
    seen: () => seen,
    answers: (next: number) => (status = next),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const optionsFor = (url: string, more: object = {}) =>
  WebhookOptions.parse({
    targets: [{ team: 'team-a', url, secrets: [{ fromEnv: 'WEBHOOK_TEST_NEW' }, { fromEnv: 'WEBHOOK_TEST_OLD' }] }],
    allowPrivateAddresses: true,
    timeoutSeconds: 2,
    ...more,
  })

notificationsContract('webhook', async () => {
  const to = await receiver()
  const statuses = { accept: 204, busy: 503, refuse: 410, hang: 0 }
  return {
    sender: webhook(optionsFor(to.url)),
    to: 'team-a',
    answer: (how) => void to.answers(statuses[how]),
    received: () => to.taken.map(({ headers, body }) => ({ id: String(headers['webhook-id']), text: body })),
    stop: to.stop,
  }
})

test('a message carries a signature of each active secret, which the receiver computes alike from the raw body', async (t) => {
  const to = await receiver()
  t.after(to.stop)

  await webhook(optionsFor(to.url)).send(messageTo('team-a'))

  const [{ headers, body } = { headers: {}, body: '' }] = to.taken
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const expected = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  assert.equal(headers['webhook-signature'], expected.join(' '))
  assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 60)
  assert.equal((JSON.parse(body) as { type: string }).type, 'fairway.rolled-back')
})

test('a redirect is refused and not followed', async (t) => {
  const to = await receiver()
  t.after(to.stop)
  to.answers(307)

  const result = await webhook(optionsFor(to.url)).send(messageTo('team-a'))

  assert.equal(result.state, 'refused')
  assert.equal(to.seen(), 1)
})

test('a receiver that asks for time is given it', async (t) => {
  const to = await receiver()
  t.after(to.stop)
  to.answers(429)

  assert.deepEqual(await webhook(optionsFor(to.url)).send(messageTo('team-a')), {
    state: 'later',
    reason: 'the receiver answered 429',
    retryAfterSeconds: 7,
  })
})

test('a private address is refused unless the operator allows it, by its number and by a name that resolves to it', async (t) => {
  const to = await receiver()
  t.after(to.stop)
  const { port } = new URL(to.url)
  const asked = { body: '{}', headers: {}, ms: 2_000, allowPrivateAddresses: false }

  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])
    await assert.rejects(post(`http://${host}:${port}/hook`, asked), { code: 'ADDRESS_REFUSED' }, host)
  assert.equal(to.seen(), 0)
})

test('no loopback, private, link-local, shared, reserved, mapped or translated address is public', () => {
  const inside =
    '127.0.0.1 10.1.2.3 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1:: 2001:db8::1 ff02::1'
  assert.deepEqual(inside.split(' ').filter(isPublicAddress), [])
  assert.deepEqual(['1.1.1.1', '172.32.0.1', '2606:4700::1111'].filter(isPublicAddress).length, 3)
})

test('options refuse http, private numbers, credentials in the address and two receivers of one team', () => {
  const target = (url: string) => ({ team: 'team-a', url, secrets: [{ fromEnv: 'A' }] })
  const refused = (...urls: string[]) => !WebhookOptions.safeParse({ targets: urls.map(target) }).success

  assert.ok(!refused('https://hooks.example.com/x'))
  for (const url of [
    'http://hooks.example.com',
    'https://10.0.0.1',
    'https://[::1]/',
    'https://a:b@example.com',
    'file:///x',
  ])
    assert.ok(refused(url), url)
  assert.ok(refused('https://a.example.com', 'https://b.example.com'))
})

test('the live check connects and sends nothing; a secret of the wrong shape is missing and not repeated', async (t) => {
  const to = await receiver()
  t.after(to.stop)
  assert.equal((await checkConnection(optionsFor(to.url)))[0]?.state, 'ok')
  assert.equal(to.seen(), 0)

  process.env['WEBHOOK_TEST_WRONG'] = 'hunter2-is-no-secret'
  const targets = [{ team: 'team-a', url: to.url, secrets: [{ fromEnv: 'WEBHOOK_TEST_WRONG' }] }]
  const [wrong] = await checkConnection(optionsFor(to.url, { targets }))

  assert.equal(wrong?.state, 'missing')
  assert.ok(!JSON.stringify(wrong).includes('hunter2'))
})
