import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PlatformError } from '#errors/platform-error.ts'
import { detectIsolation } from '#lib/isolation.ts'
import { startMark } from '#lib/process-group.ts'
import { openToolchain, openWorkRoot } from '#lib/work-root.ts'
import type { RuntimeEvent } from '#model/deployment.ts'
import type { Artifacts } from '#ports/artifacts.ts'
import { takeAgentLock } from './agent-lock.ts'
import { startControlApi } from './control-api.ts'
import { deliveryMirror } from './desired/delivery-mirror.ts'
import { type PlaceName, placeEvents } from './events.ts'
import { startGateway } from './gateway/gateway.ts'
import { lentRoutes } from './gateway/lent-routes.ts'
import { routesOf } from './gateway/routes.ts'
import { targets } from './gateway/targets.ts'
import { sealsIn } from './seals.ts'
import { recordStore } from './instance/record.ts'
import { writeJsonFile } from './json-file.ts'
import { logShipper } from './logs/log-shipper.ts'
import { keepDoing } from './keep-doing.ts'
import { memoryByGroup } from './instance/group-memory.ts'
import { type Reconciler, reconciler as makeReconciler } from './reconciler.ts'
import type { Runtime } from './runtime.ts'
import { type AgentSource, readSource } from './source.ts'
import { removeSecretFilesBut } from './secrets/secret-folder.ts'
import { sealedValues } from './secrets/sealed-values.ts'
import { secretKeeper } from './secrets/secret-keeper.ts'
import { removeUnusedImages } from './unused-images.ts'

export interface AgentOptions {
  readonly dataFolder: string
  readonly gatewayPort: number
  /** The store that the source names. */
  readonly openArtifacts: (where: AgentSource['artifacts']) => Artifacts | Promise<Artifacts>
  readonly onEvent?: (place: PlaceName, event: RuntimeEvent) => void
  /** Called once, after POST /stop. */
  readonly onStop: () => void
  /** For tests: parent of the work folder when started as root. */
  readonly workState?: string
}

export interface Agent {
  readonly gatewayPort: number
  /** Stops every workload, then the agent. */
  stop(): Promise<void>
}

const pollMs = 5_000
const memoryMs = 2_000
const logsMs = 250
const filesMs = 3_000

/** Takes over what runs, serves it, and from then on keeps it equal to Git. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const folder = join(options.dataFolder, 'agent')
  const release = takeAgentLock(join(folder, 'lock'))
  try {
    return await begin(options, { folder, release })
  } catch (error) {
    release()
    throw error
  }
}

async function begin(
  options: AgentOptions,
  { folder, release }: { folder: string; release: () => void },
): Promise<Agent> {
  const { dataFolder } = options
  let source: AgentSource | undefined
  const nextSource = async () => (source = await readSource(dataFolder))
  const events = placeEvents(options.onEvent)
  const runtime = await openRuntime(options, {
    events,
    folder,
    source: () => source,
    addressOf: (place) => reached.addressOf(place),
    secrets: secretKeeper({ store: await sealedValues(join(folder, 'secrets')), inUse: (place) => specsOf(place) }),
  })
  const reconciler = makeReconciler({ runtime, nextSource, mirror: deliveryMirror(join(folder, 'delivery.git')) })
  const lent = lentRoutes()
  const routes = routesOf(reconciler, lent)
  const reached = targets(join(folder, 'targets.json'), { routes, events })
  const gateway = await startGateway(options.gatewayPort, routes)
  const instances = () => reconciler.places().flatMap((place) => place.instances)
  const specsOf = (name: PlaceName) => {
    const place = reconciler.place(name)
    return [...(place?.state.live ? [place.state.live.spec] : []), ...(place?.instances ?? []).map(({ spec }) => spec)]
  }
  const isRunning = (id: string) => instances().some((instance) => instance.id === id)
  const shipper = logShipper({ folder: runtime.logs, source: () => source, isRunning, maskOf: runtime.secrets.maskOf })

  await nextSource().catch(() => {}) // said by the first look, with the reason
  await reached.restore()
  await reconciler.adopt()
  await removeUnusedImages(runtime, reconciler.places())
  await removeSecretFilesBut(runtime, new Set(instances().map(({ id }) => id)))
  const token = randomBytes(32).toString('base64url')
  const about = () => ({
    pid: process.pid,
    isolation: { kind: runtime.isolation.kind, reason: runtime.isolation.reason },
    droppedLogLines: shipper.dropped,
    memoryBytes: process.memoryUsage.rss(),
  })
  const api = await startControlApi({
    token,
    reconciler,
    events,
    gatewayPort: gateway.port,
    lent,
    addressOf: (place) => reached.addressOf(place),
    about,
    stop: options.onStop,
  })
  const loops = [
    keepDoing(pollMs, () => reconciler.refresh()),
    keepDoing(filesMs, () => lookAtFiles(reconciler)),
    keepDoing(logsMs, () => shipper.round()),
    keepDoing(memoryMs, async () => {
      const used = await memoryByGroup()
      for (const instance of instances()) instance.memory(used)
    }),
  ]
  await writeAgentFile(dataFolder, { port: api.port, token, gatewayPort: gateway.port })

  return {
    gatewayPort: gateway.port,
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()))
      await reconciler.stopAll()
      await shipper.round().catch(() => {}) // the control plane may have ended before us
      await rm(join(dataFolder, 'agent.json'), { force: true })
      lent.close()
      await Promise.all([gateway.close(), api.close(), reached.close()])
      release()
    },
  }
}

async function openRuntime(
  { dataFolder, workState, openArtifacts }: AgentOptions,
  parts: Pick<Runtime, 'events' | 'source' | 'addressOf' | 'secrets'> & { folder: string },
): Promise<Runtime> {
  const { events, source, addressOf, secrets, folder } = parts
  const isolation = await detectIsolation({ place: dataFolder })
  const work = await openWorkRoot(dataFolder, isolation, workState)
  return {
    isolation,
    work,
    events,
    source,
    addressOf,
    secrets,
    toolchain: await openToolchain(work, isolation),
    records: recordStore(join(folder, 'workloads')),
    seals: sealsIn(join(folder, 'seals')),
    logs: join(folder, 'logs'),
    async artifacts() {
      const known = source()
      if (known) return openArtifacts(known.artifacts)
      throw new PlatformError('AGENT_UNAVAILABLE', 'the control plane has not said yet where the images are')
    },
  }
}

/** One place after the other, with rests, so that many services do not keep the disk busy. */
async function lookAtFiles(reconciler: Reconciler): Promise<void> {
  for (const place of reconciler.places()) {
    const began = performance.now()
    await place.lookAtFiles()
    await pause((performance.now() - began) * 10)
  }
}

/** How the control plane, and a command that stops everything, find this agent. */
async function writeAgentFile(
  dataFolder: string,
  { port, token, gatewayPort }: { port: number; token: string; gatewayPort: number },
): Promise<void> {
  const started = startMark(process.pid)
  const url = `http://127.0.0.1:${port}`
  const about = { pid: process.pid, started, startTime: started, url, port, token, gatewayPort }
  await writeJsonFile(join(dataFolder, 'agent.json'), about)
}
