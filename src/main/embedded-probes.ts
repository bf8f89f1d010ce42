import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { agentCalls } from '#adapters/delivery/local/calls.ts'
import { remoteRefs } from '#lib/git/remote.ts'
import { adapterPorts } from '#model/adapters.ts'
import { platformRepo } from '#model/names.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { Composed } from './compose.ts'
import type { Probe } from './run-probes.ts'

type Ask = () => Promise<ConnectionCheck>

/** The live checks of the embedded adapters that this process runs: each way is walked once, and nothing is left behind. */
export function embeddedProbes(composed: Composed, place: { dataFolder: string; url: string }): Probe[] {
  const asks = asksOf(composed, place)
  const { running } = composed.platform.adapters
  return adapterPorts.flatMap((port) => {
    const list = asks[port]
    if (running[port] !== 'local' || !list) return []
    return [{ port, choice: 'local' as const, ask: () => Promise.all(list.map((ask) => ask())) }]
  })
}

function asksOf(
  { platform, embedded }: Composed,
  { dataFolder, url }: { dataFolder: string; url: string },
): Partial<Record<Probe['port'], readonly Ask[]>> {
  const signals = async () => ok('receiver of signals', await readReceiver(url))
  return {
    gitHost: [
      async () => {
        const remote = await platform.ports.gitHost.remote(platformRepo)
        const refs = await remoteRefs({ dir: platform.objects }, remote, ['refs/heads/main'])
        return ok('git over HTTP', `main of fairway/platform is ${[...refs.values()][0]?.slice(0, 12) ?? 'absent'}`)
      },
    ],
    ci: [async () => ok('tools of the pipeline', await embedded.ci.ready().then(() => 'Node.js and npm are there'))],
    artifacts: [async () => ok('folder of images', await tryWriting(join(dataFolder, 'artifacts')))],
    delivery: [async () => ok('agent', await readAgent(dataFolder))],
    policy: [async () => ok('rules', `${platform.ports.policy.bundle().policies.length} rules in force`)],
    identity: [async () => ok('people', `${(await platform.ports.identity.people()).length} people are known`)],
    secrets: [
      async () => {
        const nobody = { owner: 'fairway', service: 'doctor', environment: 'none' }
        await platform.ports.secrets.list(nobody, AbortSignal.timeout(5_000))
        return ok('store of secrets', 'the database answers for the schema vault')
      },
    ],
    logs: [signals],
    metrics: [signals],
    traces: [signals],
  }
}

function ok(check: string, found: string): ConnectionCheck {
  return { check, state: 'ok', found }
}

// A request without a token is refused by the receiver itself, so 401 says that it is there.
async function readReceiver(url: string): Promise<string> {
  const reply = await fetch(`${url}/otlp/v1/logs`, { method: 'POST', signal: AbortSignal.timeout(5_000) })
  await reply.body?.cancel()
  if (reply.status === 401) return `answers at ${url}/otlp`
  throw new Error(`the receiver answers ${reply.status} at ${url}/otlp`)
}

async function tryWriting(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 }) // the first image makes it
  const path = join(folder, `.doctor-${randomBytes(6).toString('hex')}`)
  await writeFile(path, '', { mode: 0o600, flag: 'wx' })
  await rm(path)
  return `${folder} can be written`
}

async function readAgent(dataFolder: string): Promise<string> {
  const { pid } = await agentCalls(dataFolder).get(
    '/status',
    z.looseObject({ pid: z.number() }),
    AbortSignal.timeout(5_000),
  )
  return `process ${pid} answers`
}
