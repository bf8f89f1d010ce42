import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { workloadToken } from '#lib/workload-token.ts'
import { logsRequest } from '#ports/otlp-samples.ts'
import { dataOf } from '../../src/client/client.ts'
import { apiAs } from '../../testing/cli.ts'
import type { TestPlatform } from '../../testing/start-platform.ts'
import type { Figure } from '../../tools/bench.ts'
import { memoryOf } from './memory.ts'
import { quantile, timed } from './measure.ts'
import { morePeople } from './more-people.ts'

const streams = 300
const perPerson = 20
const linesPerSecond = 20_000
const workloads = 10
const seconds = 20

/** 300 live streams of fifteen people and 20,000 log lines a second of ten workloads, while somebody reads pages. */
export async function floodFigures(platform: TestPlatform): Promise<Figure[]> {
  const people = await morePeople(platform, 8)
  const quiet = await pages(platform, 3)
  const before = await memoryOf(platform)
  const open = await openStreams(platform, people)
  let peak = before
  const watch = setInterval(() => void memoryOf(platform).then((now) => (peak = Math.max(peak, now))), 500)
  const [busy, sent] = await Promise.all([pages(platform, seconds), flood(platform)])
  clearInterval(watch)
  const { alive, close } = open
  const still = alive()
  close()
  const name = `page while ${linesPerSecond} log lines a second arrive and ${streams} streams are open, 95th percentile (aim under 300)`
  const quietP95 = quantile(quiet, 0.95)
  const busyP95 = quantile(busy, 0.95)
  return [
    {
      name,
      value: busyP95,
      unit: 'ms',
      peer: { name: 'the same pages in peace', value: quietP95 },
      ratio: Math.round((busyP95 / quietP95) * 10) / 10,
    },
    { name: 'log lines taken a second meanwhile', value: Math.round(sent.taken / seconds), unit: 'lines/s' },
    {
      name: 'log lines refused a second meanwhile, said to the sender',
      value: Math.round(sent.refused / seconds),
      unit: 'lines/s',
    },
    { name: `streams still open of ${streams}`, value: still, unit: 'streams' },
    {
      name: 'control plane memory at its highest meanwhile',
      value: peak,
      unit: 'MiB',
      peer: { name: 'before', value: before },
    },
  ]
}

/** Milliseconds of each page's request: home, services, a service, its log. */
async function pages(platform: TestPlatform, during: number): Promise<number[]> {
  const api = await apiAs(platform, 'dev')
  const path = { name: 'alone' }
  const asks = [
    () => dataOf(api.GET('/api/v1/home')),
    () => dataOf(api.GET('/api/v1/services')),
    () => dataOf(api.GET('/api/v1/services/{name}', { params: { path } })),
    () =>
      dataOf(api.GET('/api/v1/services/{name}/logs', { params: { path, query: { environment: 'dev', limit: 500 } } })),
  ]
  const times: number[] = []
  for (const end = performance.now() + during * 1_000; performance.now() < end; ) {
    for (const ask of asks) times.push((await timed(ask)) * 1_000)
    await wait(50)
  }
  return times
}

async function openStreams(platform: TestPlatform, people: readonly string[]) {
  const abort = new AbortController()
  let alive = 0
  for (const name of people.slice(0, streams / perPerson)) {
    const token = await tokenOf(platform, name)
    await Promise.all(
      Array.from({ length: perPerson }, async () => {
        const headers = { authorization: `Bearer ${token}` }
        const reply = await fetch(`${platform.url}/api/v1/events`, { headers, signal: abort.signal })
        if (reply.status !== 200) throw new Error(`a stream of ${name} was refused: ${reply.status}`)
        alive++
        void read(reply).finally(() => alive--)
      }),
    )
  }
  return { alive: () => alive, close: () => abort.abort() }
}

async function read(reply: Response): Promise<void> {
  try {
    for await (const _ of reply.body ?? []) continue
  } catch {
    // closed by us, or by the server: `alive` says how many are left
  }
}

async function tokenOf(platform: TestPlatform, user: string): Promise<string> {
  const key = (await readFile(join(platform.data, 'login-key'), 'utf8')).trim()
  const reply = await fetch(`${platform.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, key, carrier: 'token' }),
  })
  return ((await reply.json()) as { token: string }).token
}

/** Ten workloads, each with a request of its share every 100 ms; what the receiver says it did not take is counted. */
async function flood(platform: TestPlatform): Promise<{ taken: number; refused: number }> {
  const secret = (await readFile(join(platform.data, 'otlp-secret'), 'utf8')).trim()
  const share = linesPerSecond / workloads / 10
  let [taken, refused] = [0, 0]
  const sender = async (at: number) => {
    const token = workloadToken(secret, { service: `many-${at + 1}`, environment: 'dev', owner: 'team-a' })
    const began = performance.now()
    for (let turn = 0; turn < seconds * 10; turn++) {
      const lost = await send(`${platform.url}/otlp/v1/logs`, token, share)
      taken += share - lost
      refused += lost
      await wait(Math.max(0, began + (turn + 1) * 100 - performance.now()))
    }
  }
  await Promise.all(Array.from({ length: workloads }, (_, at) => sender(at)))
  return { taken, refused }
}

async function send(url: string, token: string, lines: number): Promise<number> {
  const records = Array.from({ length: lines }, (_, at) => ({ text: `GET /items/${at} answered in ${at % 89} ms` }))
  const reply = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(logsRequest(records)),
  })
  const answer = (await reply.json()) as { partialSuccess?: { rejectedLogRecords?: string | number } }
  return reply.ok ? Number(answer.partialSuccess?.rejectedLogRecords ?? 0) : lines
}
