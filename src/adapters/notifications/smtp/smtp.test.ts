import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { messageTo, notificationsContract } from '#ports/notifications.contract.ts'
import { mailServer } from '../../../../testing/mail-server.ts'
import { checkConnection } from './check-connection.ts'
import { SmtpOptions } from './options.ts'
import { smtp } from './smtp.ts'

const to = 'dana.brandt@example.com'
const optionsFor = (port: number, more: object = {}) =>
  SmtpOptions.parse({
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'fairway@example.com',
    timeoutSeconds: 3,
    ...more,
  })

notificationsContract('smtp', async () => {
  const server = await mailServer()
  return {
    sender: smtp(optionsFor(server.port)),
    to,
    answer: server.answer,
    received: () =>
      server.taken.map(({ raw }) => ({ id: /^Message-ID: <(\w+)@/im.exec(raw)?.[1] ?? '', text: plainOf(raw) })),
    stop: server.stop,
  }
})

test('whatever a title or address holds, the mail has the same headers, one recipient and no other command', async (t) => {
  const server = await mailServer()
  t.after(server.stop)
  const sender = smtp(optionsFor(server.port, { timeoutSeconds: 10 }))
  await sender.send(messageTo(to))
  const headers = headerNames(server.taken[0]?.raw)
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(
        fc.constantFrom('\r\n', '\n', '\r', '\u2028', '\0', '\r\n.\r\n'),
        fc.constantFrom('Bcc: x@example.com', 'RCPT TO:<x@example.com>', '.', 'QUIT'),
      )
      .map(([end, line]) => `shop${end}${line}${end}`),
  )

  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (title, service) => {
      server.taken.length = 0
      const result = await sender.send({ ...messageTo(to, title), service: `shop ${service.replace(/[\r\n]/g, '')}` })
      assert.equal(result.state, 'accepted')
      assert.equal(server.taken.length, 1)
      assert.deepEqual(server.taken[0]?.to, [`<${to}>`])
      assert.deepEqual(headerNames(server.taken[0]?.raw), headers)
    }),
    { numRuns: 60 },
  )
  server.taken.length = 0
  for (const address of [`${to}\r\nBcc: x@example.com`, `${to}, x@example.com`, `"${to}" <x@example.com>`, ''])
    assert.equal((await sender.send(messageTo(address))).state, 'refused', address)
  assert.equal(server.taken.length, 0)
})

test('a server without STARTTLS gets no mail when the settings ask for it', async (t) => {
  const server = await mailServer()
  t.after(server.stop)

  const result = await smtp(optionsFor(server.port, { security: 'starttls' })).send(messageTo(to))

  assert.equal(result.state, 'later')
  assert.equal(server.taken.length, 0)
})

test('a password is refused in the clear, and without a name', () => {
  const base = { host: 'mail.example.com', from: 'fairway@example.com', password: { fromEnv: 'A' } }
  assert.ok(!SmtpOptions.safeParse(base).success)
  assert.ok(!SmtpOptions.safeParse({ ...base, username: 'fairway', security: 'none' }).success)
  assert.ok(SmtpOptions.safeParse({ ...base, username: 'fairway' }).success)
})

test('the live check greets and goes; no mail is sent, and a dead server is a problem', async () => {
  const server = await mailServer()
  assert.equal((await checkConnection(optionsFor(server.port)))[0]?.state, 'ok')
  assert.equal(server.taken.length, 0)
  await server.stop()

  assert.equal((await checkConnection(optionsFor(server.port)))[0]?.state, 'problem')
})

function headerNames(raw = ''): string[] {
  const [head = ''] = raw.split('\r\n\r\n')
  const names = head.split('\r\n').flatMap((line) => (/^\s/.test(line) ? [] : [line.split(':')[0] ?? '']))
  return names.filter((name) => name !== 'Content-Transfer-Encoding').toSorted() // it follows the letters used
}

function plainOf(raw: string): string {
  return raw.replace(/=\r\n/g, '').replace(/=3D/g, '=')
}
