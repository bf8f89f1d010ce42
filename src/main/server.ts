import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { undeclared } from '#access/route-needs.ts'
import { freePort } from '#lib/free-port.ts'
import { allRoutes } from '#api/contract/all.ts'
import { registerEvents } from '#api/events.ts'
import { registerRoutes } from '#api/register-routes.ts'
import { allHandlers } from '#api/routes/handlers.ts'
import { signingKey } from '#lib/signing-key.ts'
import { keepNotifying } from '#services/notifications/keep-notifying.ts'
import { keepArchive } from '#services/keep-archive.ts'
import { once } from '#services/once.ts'
import { keepChain } from '#services/audit/keep-chain.ts'
import { keepDriftFound } from '#services/drift/keep-drift.ts'
import { keepClusters } from '#services/cluster/keep-clusters.ts'
import { keepRecords } from '#services/records/keep-records.ts'
import { callerOf, loginKeys } from '#services/sessions.ts'
import { readPlatformEntities } from '#services/catalog.ts'
import { reactToGitHost } from '#services/react.ts'
import { authenticator } from '#api/authenticate.ts'
import { startEngine } from '#workflows/engine/engine.ts'
import { joinReplicas } from '#workflows/engine/join-replicas.ts'
import { keepLease, takeOverAll } from '#workflows/engine/leases.ts'
import { replicaId } from '#workflows/engine/replica-id.ts'
import { isOfOneMachine } from '#model/adapters.ts'
import { leaveReplicas } from '#store/replica.ts'
import { workflows } from '#workflows/all.ts'
import { bringTrees } from '#workflows/deliver/run-trees.ts'
import { writeAgentSource } from './agent-source.ts'
import { compose, type Composed } from './compose.ts'
import { followSettings } from './follow-settings.ts'
import { httpApp } from './http-app.ts'
import type { ControlPlane, ControlPlaneOptions } from './platform.ts'
import { openOutsideDoor } from './outside-door.ts'
import { requireLoopback } from './require-loopback.ts'
import { rotateLogs } from './rotate-logs.ts'
import { keysFingerprint, secretFile } from './secrets-file.ts'
import { seedRepositories } from './seed-platform.ts'
import { liveChecks } from './live-checks.ts'
import { mountAdapters } from './mount-adapters.ts'
import { platformDoctor } from './platform-doctor.ts'
import { productVersion } from './version.ts'

/** The control plane: API, portal, embedded Git host, receivers of signals, and the engine that carries runs out. */
export async function startControlPlane(given: ControlPlaneOptions): Promise<ControlPlane> {
  requireLoopback(given.host)
  const running = new AsyncDisposableStack()
  try {
    return await startParts(given, running)
  } catch (error) {
    await running.disposeAsync()
    throw error
  }
}

// What is deferred last stops first, now or when a later part fails to start.
async function startParts(given: ControlPlaneOptions, running: AsyncDisposableStack): Promise<ControlPlane> {
  const options = { ...given, port: given.port || (await freePort()) } // its own Git host must be told the real one
  const { dataFolder, databaseUrl, host, port, log: say } = options
  const log = pino(
    { name: 'fairway', redact: ['req.headers.authorization', 'req.headers.cookie'] },
    pino.destination({ dest: join(dataFolder, 'control-plane.log'), mkdir: true }),
  )
  const url = `http://localhost:${port}`
  const gitToken = randomBytes(32).toString('base64url')
  const agentKey = await secretFile(dataFolder, 'agent-git-key')
  const { around } = options
  const vaultKeys = await secretFile(dataFolder, 'vault-key')
  const secretsKey = await secretFile(dataFolder, 'agent-secrets-key')
  const keysOf = { gitToken, agentKey, vaultKeys }
  const { adapters, notifications } = options.startFile ?? {}
  const otlpSecret = await secretFile(dataFolder, 'otlp-secret')
  const composed = await compose({
    dataFolder,
    databaseUrl,
    portalUrl: url,
    log,
    ...keysOf,
    otlpSecret,
    around,
    adapters,
    notifications,
  })
  running.defer(() => composed.close())
  const keys = loginKeys(await secretFile(dataFolder, 'login-key'))
  const executor = replicaId({
    place: placeOf(dataFolder),
    oneMachine: isOfOneMachine(composed.platform.adapters.running),
    keys: await keysFingerprint(dataFolder),
  })
  await joinReplicas(composed.platform.db, executor)
  running.defer(() => leaveReplicas(composed.platform.db, [executor]))
  const parts = await serve({ composed, options, keys, otlpSecret, secretsKey })
  running.defer(() => parts.close())
  const { platform } = composed
  const resealed = await composed.embedded.secrets.reseal()
  if (resealed > 0) say(`${resealed} secrets sealed under the new key; older lines of vault-key may go`)
  const { gitHost, artifacts } = platform.ports
  await gitHost.rebuildIndex()
  const first = { startFile: options.startFile?.text, registry: artifacts.registry }
  if (await seedRepositories(gitHost, platform, first)) say('platform repository created')
  await followSettings(composed)
  await readPlatformEntities(platform)
  const ownUrl = `http://127.0.0.1:${port}`
  if (composed.embedded.agent)
    await writeAgentSource(composed, { dataFolder, url: ownUrl, otlpSecret, agentKey, secretsKey })
  // the last facts, as the last head, go to the Git host, which is one of the parts, once the engine has stopped
  running.defer(keepChain(platform, signingKey(await secretFile(dataFolder, 'audit-key'))))
  running.defer(keepRecords(platform))
  const takeUp = (run: string) => bringTrees(platform, run)
  await startEngine({ databaseUrl, executor, platform, workflows, around: around?.step, takeUp })

  running.defer(() => platform.engine.stop())
  const taken = await takeOverAll(platform, executor)
  if (taken > 0) say(`${taken} interrupted runs go on`)
  await composed.events.start()
  running.defer(keepLease(platform, executor))
  running.defer(keepDriftFound(platform))
  running.defer(keepInShape(composed, dataFolder))
  running.defer(reactToGitHost(platform))
  running.defer(keepNotifying(platform))
  running.defer(keepArchive(platform))
  running.defer(keepClusters(platform))
  parts.ready()
  say(`control plane listens on ${host}:${port}`)
  return {
    url,
    oneTimeLink: `${url}/login#${keys.once()}`,
    addresses: parts.addresses,
    close: () => running.disposeAsync(),
  }
}

/** Names a data folder of a machine. */
function placeOf(dataFolder: string): string {
  return createHash('sha256').update(`${hostname()}\0${dataFolder}`).digest('hex').slice(0, 16)
}

interface Serving {
  readonly composed: Composed
  readonly options: ControlPlaneOptions
  readonly keys: ReturnType<typeof loginKeys>
  readonly otlpSecret: string
  readonly secretsKey: string
}

interface Served {
  readonly addresses: readonly string[]
  ready(): void
  close(): Promise<void>
}

/** Listens before anything else starts, since the platform pushes to its own Git host; answers 503 until ready. */
async function serve({ composed, options, keys, otlpSecret, secretsKey }: Serving): Promise<Served> {
  const { platform, events } = composed
  const stopping = new AsyncDisposableStack()
  const { app, addresses, ready } = await httpApp({ port: options.port, log: platform.log })
  let stopSignals = async () => {}
  stopping.defer(() => stopSignals())
  stopping.defer(() => app.close())
  try {
    const authenticate = authenticator((token, carrier) => callerOf(platform, token, carrier))
    const doctor = platformDoctor(composed)
    const live = liveChecks(composed, { dataFolder: options.dataFolder, url: `http://127.0.0.1:${options.port}` })
    registerRoutes(app, {
      routes: allRoutes,
      handlers: allHandlers({ platform, keys, doctor, live, version: productVersion }),
      authenticate,
      once: (request, work) => once(platform.db, request, work),
    })
    registerEvents(app, { events, authenticate })
    stopSignals = await mountAdapters(app, composed, { otlpSecret, secretsKey })
    await app.ready()
    requireDeclared(addresses)
    await app.listen({ host: options.host, port: options.port })
    if (options.outside) stopping.defer(await openOutsideDoor(app, options.outside))
    return {
      addresses,
      ready,
      close: () => stopping.disposeAsync(),
    }
  } catch (error) {
    await stopping.disposeAsync()
    throw error
  }
}

/** What nobody declared is not served: who may open it would be nobody's decision. */
function requireDeclared(addresses: readonly string[]): void {
  const found = undeclared(addresses, allRoutes)
  if (found.length > 0) throw new Error(`src/access/route-needs.ts does not say who may open ${found.join(', ')}`)
}

const tidyEveryMs = 3_600_000

/** Work for quiet moments: the base of images ahead of the first one, packing of repositories, logs. Returns the stop. */
function keepInShape({ embedded, platform }: Composed, dataFolder: string): () => void {
  const failed = (what: string) => (error: unknown) => platform.log.warn({ err: error }, what)
  embedded.ci.warm().catch(failed('the base of images could not be made ahead; the first publish makes it'))
  const tidy = () => {
    embedded.gitHost?.tidy().catch(failed('repositories could not be packed'))
    rotateLogs(dataFolder).catch(failed('logs could not be rotated'))
  }
  const timer = setInterval(tidy, tidyEveryMs)
  return () => clearInterval(timer)
}
