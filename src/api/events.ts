import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PlatformError } from '#errors/platform-error.ts'
import type { Caller } from '#services/caller.ts'
import type { LiveEvents } from '#services/live-events.ts'

const pingMs = 15_000
const maxBuffered = 1_048_576

/**
 * The one stream of news (text/event-stream). An event carries type, object and version, never contents: what it names is
 * read again with the reader's own rights. `Last-Event-ID` replays what is less than an hour old.
 */
export function registerEvents(
  app: FastifyInstance,
  {
    events,
    authenticate,
  }: { events: LiveEvents; authenticate: (request: FastifyRequest) => Promise<Caller | undefined> },
): void {
  app.get('/api/v1/events', { schema: { hide: true } as never }, async (request, reply) => {
    const caller = await authenticate(request)
    if (!caller) throw new PlatformError('NOT_SIGNED_IN', 'the stream needs a signed-in person')
    const topics = topicsOf(request)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    const send = (text: string) => {
      if (raw.writableLength > maxBuffered)
        raw.destroy() // a reader that does not read is let go; it comes back with its last id
      else raw.write(text)
    }
    const wanted = (type: string) => topics.size === 0 || topics.has(type)
    const stop = events.subscribe((event) => wanted(event.type) && send(eventText(event)))
    const ping = setInterval(() => {
      void authenticate(request).then((still) => (still ? send(': ping\n\n') : raw.end()))
    }, pingMs)
    raw.once('close', () => {
      stop()
      clearInterval(ping)
    })
    send('retry: 2000\n\n')
    const after = Number(request.headers['last-event-id'])
    if (Number.isSafeInteger(after) && after > 0)
      for (const event of await events.replay(after)) if (wanted(event.type)) send(eventText(event))
  })
}

function topicsOf(request: FastifyRequest): Set<string> {
  const { topics } = request.query as { topics?: unknown }
  return new Set(typeof topics === 'string' ? topics.split(',').filter(Boolean) : [])
}

function eventText(event: { id?: number; type: string; object: string; version: number }): string {
  const data = JSON.stringify({ type: event.type, object: event.object, version: event.version })
  return `${event.id === undefined ? '' : `id: ${event.id}\n`}event: ${event.type}\ndata: ${data}\n\n`
}
