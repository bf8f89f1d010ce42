import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PlatformError } from '#errors/platform-error.ts'
import type { Caller } from '#services/caller.ts'
import type { LiveEvent, LiveEvents } from '#services/live-events.ts'

const maxBuffered = 1_048_576
const maxPerPerson = 20

export interface EventStreamOptions {
  readonly events: LiveEvents
  readonly authenticate: (request: FastifyRequest) => Promise<Caller | undefined>
  /** How often a silent stream is kept open, and how soon one ends whose session did. */
  readonly pingMs?: number
}

/**
 * The one stream of news (text/event-stream). An event carries type, object and version, never contents: what it names is
 * read again with the reader's own rights. `Last-Event-ID` replays what is less than an hour old.
 */
export function registerEvents(app: FastifyInstance, options: EventStreamOptions): void {
  const open = new Map<string, number>()
  const count = (name: string, by: 1 | -1) => open.set(name, (open.get(name) ?? 0) + by)
  app.get('/api/v1/events', { schema: { hide: true } as never }, async (request, reply) => {
    const caller = await options.authenticate(request)
    if (!caller) throw new PlatformError('NOT_SIGNED_IN', 'the stream needs a signed-in person')
    const { name } = caller.person
    if ((open.get(name) ?? 0) >= maxPerPerson)
      throw new PlatformError('RATE_LIMITED', `${name} has ${maxPerPerson} streams open already`, {
        hint: 'close a tab of the portal',
      })
    count(name, 1)
    reply.raw.once('close', () => count(name, -1))
    await stream(request, reply, { ...options, person: name })
  })
}

async function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  { events, authenticate, person, pingMs = 15_000 }: EventStreamOptions & { readonly person: string },
): Promise<void> {
  const topics = topicsOf(request)
  const { raw } = reply
  const send = (text: string) => {
    if (raw.writableLength > maxBuffered)
      raw.destroy() // a reader that does not read is let go; it comes back with its last id
    else raw.write(text)
  }
  const tell = (event: LiveEvent) => {
    if (event.type === 'notification' && event.object !== person) return // what somebody was told is theirs
    if (topics.size === 0 || topics.has(event.type)) send(eventText(event))
  }
  const stop = events.subscribe(tell)
  reply.hijack()
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': 'text/event-stream',
    'cache-control': 'private, no-store',
    'x-accel-buffering': 'no',
  })
  const ping = setInterval(() => {
    // a database that is away for a moment ends the stream too: the reader comes back and is asked again
    authenticate(request).then(
      (still) => (still ? send(': ping\n\n') : raw.end()),
      () => raw.end(),
    )
  }, pingMs)
  raw.once('close', () => {
    stop()
    clearInterval(ping)
  })
  send('retry: 2000\n\n')
  const after = Number(request.headers['last-event-id'])
  if (!Number.isSafeInteger(after) || after <= 0) return
  const missed = await events.replay(after).catch(() => undefined)
  if (missed) missed.forEach(tell)
  else raw.end()
}

function topicsOf(request: FastifyRequest): Set<string> {
  const { topics } = request.query as { topics?: unknown }
  return new Set(typeof topics === 'string' ? topics.split(',').filter(Boolean) : [])
}

function eventText(event: LiveEvent): string {
  const data = JSON.stringify({ type: event.type, object: event.object, version: event.version })
  return `${event.id === undefined ? '' : `id: ${event.id}\n`}event: ${event.type}\ndata: ${data}\n\n`
}
