import type { QueryClient } from '@tanstack/react-query'

export type LiveState = { readonly state: 'live' } | { readonly state: 'reconnecting'; readonly since: string }
interface News {
  readonly type: string
  readonly object: string
  readonly version: number
}
type Message = { readonly news: News } | { readonly link: LiveState }

const types = [
  'drift',
  'run',
  'run.log',
  'change',
  'service',
  'catalog',
  'delivery',
  'platform',
  'logs',
  'notification',
]

/** Which of what was read becomes old by a piece of news. Contents never travel in the stream. */
const becomesOld: Readonly<Record<string, (object: string) => readonly (readonly unknown[])[]>> = {
  drift: () => [['drift'], ['services'], ['home']],
  run: (id) => [['runs', id], ['runs', 'list'], ['home'], ['services']],
  'run.log': (id) => [['run-log', id]],
  change: () => [['changes'], ['home'], ['services']],
  service: (name) => [['services', name], ['services', 'list'], ['services', 'matrix'], ['home']],
  catalog: () => [['entities'], ['services'], ['docs']],
  delivery: () => [['services'], ['home']],
  platform: () => [['notices'], ['environments'], ['policies'], ['admission'], ['templates'], ['people'], ['entities']],
  logs: () => [['logs']],
  notification: () => [['notifications']],
}

/**
 * One stream per browser: the tab that holds the lock reads it and tells the others, since HTTP/1.1 allows few
 * connections per host. When that tab closes, another takes the lock.
 */
export function followNews(client: QueryClient, onState: (state: LiveState) => void): () => void {
  const channel = new BroadcastChannel('fairway-news')
  const stop = new AbortController()
  const listeners = newsListeners
  const take = (message: Message) => {
    if ('link' in message) return onState(message.link)
    const { type, object } = message.news
    for (const queryKey of becomesOld[type]?.(object) ?? []) void client.invalidateQueries({ queryKey: [...queryKey] })
    for (const listener of listeners) listener(message.news)
  }
  const tell = (message: Message) => {
    take(message)
    channel.postMessage(message)
  }
  channel.onmessage = ({ data }) => (data === 'how is it?' ? undefined : take(data as Message))
  void navigator.locks
    .request('fairway-news', { signal: stop.signal }, () => readStream(tell, { channel, client, signal: stop.signal }))
    .catch(() => {})
  channel.postMessage('how is it?')
  return () => {
    stop.abort()
    channel.close()
  }
}

const newsListeners = new Set<(news: News) => void>()

/** For views that page through a stream themselves, as logs do. */
export function onNews(listener: (news: News) => void): () => void {
  newsListeners.add(listener)
  return () => newsListeners.delete(listener)
}

interface Reading {
  readonly channel: BroadcastChannel
  readonly client: QueryClient
  readonly signal: AbortSignal
}

function readStream(tell: (message: Message) => void, { channel, client, signal }: Reading): Promise<void> {
  return new Promise((resolve) => {
    const source = new EventSource('/api/v1/events')
    let link: LiveState | undefined
    const set = (next: LiveState) => {
      link = next
      tell({ link: next })
    }
    source.onopen = () => {
      // what happened in a gap may be older than what the server keeps: read again what is shown
      if (link?.state === 'reconnecting') void client.invalidateQueries()
      set({ state: 'live' })
    }
    source.onerror = () => {
      if (link?.state !== 'reconnecting') set({ state: 'reconnecting', since: new Date().toISOString() })
      if (source.readyState === EventSource.CLOSED) setTimeout(() => (source.close(), resolve()), 5_000)
    }
    for (const type of types)
      source.addEventListener(type, ({ data }) => tell({ news: JSON.parse(data as string) as News }))
    channel.addEventListener('message', ({ data }) => data === 'how is it?' && link && channel.postMessage({ link }))
    signal.addEventListener('abort', () => {
      source.close()
      resolve()
    })
  })
}
