import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageSender, OutgoingMessage } from './notifications.ts'

/** A receiver of the test's own behind the adapter, and what it should say. */
export interface SenderRig {
  readonly sender: MessageSender
  /** A receiver that this sender knows. */
  readonly to: string
  answer(how: 'accept' | 'busy' | 'refuse' | 'hang'): void
  /** Id and whole text of every message taken. */
  received(): readonly { readonly id: string; readonly text: string }[]
  stop(): Promise<void>
}

/** What every way out promises. */
export function notificationsContract(name: string, start: () => Promise<SenderRig>): void {
  const held = (title: string, work: (rig: SenderRig) => Promise<void>) =>
    void test(`${name}: ${title}`, async () => {
      const rig = await start()
      try {
        await work(rig)
      } finally {
        await rig.stop()
      }
    })

  held('a message that is taken is accepted, with its title, link and id', async (rig) => {
    assert.deepEqual(await rig.sender.send(messageTo(rig.to)), { state: 'accepted' })

    const [taken] = rig.received()
    assert.equal(taken?.id, 'msg_one')
    assert.match(taken?.text ?? '', /Rollback of shop/)
    assert.match(taken?.text ?? '', /http:\/\/localhost:8080\/runs\/r1/)
  })

  held('the same message sent again carries the same id', async (rig) => {
    await rig.sender.send(messageTo(rig.to))
    await rig.sender.send(messageTo(rig.to))

    assert.deepEqual(
      rig.received().map(({ id }) => id),
      ['msg_one', 'msg_one'],
    )
  })

  held('a receiver that is busy is worth another try', async (rig) => {
    rig.answer('busy')

    assert.equal((await rig.sender.send(messageTo(rig.to))).state, 'later')
    assert.equal(rig.received().length, 0)
  })

  held('a receiver that refuses is not', async (rig) => {
    rig.answer('refuse')

    assert.equal((await rig.sender.send(messageTo(rig.to))).state, 'refused')
  })

  held('a receiver that never answers is given up within the bound, for another try', async (rig) => {
    rig.answer('hang')

    assert.equal((await rig.sender.send(messageTo(rig.to))).state, 'later')
  })

  held('a receiver that nobody set up is refused, and nothing leaves', async (rig) => {
    const result = await rig.sender.send(messageTo('nobody at all\r\nBcc: x@example.com'))

    assert.equal(result.state, 'refused')
    assert.equal(rig.received().length, 0)
  })
}

/** A message as the outbox makes them. */
export function messageTo(to: string, title = 'Rollback of shop in production succeeded'): OutgoingMessage {
  return {
    id: 'msg_one',
    kind: 'rolled-back',
    to,
    title,
    link: 'http://localhost:8080/runs/r1',
    at: '2026-11-23T12:00:00.000Z',
    run: 'r1',
    service: 'shop',
    environment: 'production',
  }
}
