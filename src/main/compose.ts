import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { localAdmission } from '#adapters/admission/local/local.ts'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import { type LocalCi, localCi } from '#adapters/ci/local/local.ts'
import { localDelivery } from '#adapters/delivery/local/local.ts'
import { localGitHost, type LocalGitHost } from '#adapters/git-host/local/local.ts'
import { localIdentity } from '#adapters/identity/local/local-identity.ts'
import { localLogs } from '#adapters/logs/local/local.ts'
import { localMetrics } from '#adapters/metrics/local/local.ts'
import { type LocalSecrets, localSecrets } from '#adapters/secrets/local/local.ts'
import { localTraces } from '#adapters/traces/local/local.ts'
import { type CommitSigner, commitSigner } from '#lib/git/commit-signature.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { detectIsolation, type Isolation } from '#lib/isolation.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { endingToken } from '#lib/workload-token.ts'
import { type Adapters, allLocal } from '#model/adapters.ts'
import { type LiveEvents, liveEvents } from '#services/live-events.ts'
import { type Database, openDatabase, type OpenDatabase } from '#store/database.ts'
import type { GitHost } from '#ports/git-host.ts'
import type { Platform } from '#workflows/platform.ts'
import { type PlatformSettings, settingsReader } from '#workflows/settings.ts'
import { acceptAdapters, type AcceptedAdapters } from './adapters/accept-adapters.ts'
import { adapterOpener, type MountedRoutes } from './adapters/open-adapters.ts'
import { hookMemory } from './adapters/hook-memory.ts'
import { type AcceptedNotifications, acceptNotifications } from './adapters/notifications.ts'
import type { StartFile } from './start-file.ts'
import type { Around } from './around.ts'
import { gitAccess } from './git-access.ts'
import { imageSigning } from './image-signing.ts'
import { type PolicyKeeper, policyKeeper } from './policy-keeper.ts'
import { secretFile } from './secrets-file.ts'
import { intakesOf, type SignalIntakes } from './signal-intakes.ts'

export interface ComposeOptions {
  readonly dataFolder: string
  readonly databaseUrl: string
  readonly portalUrl: string
  readonly log: Logger
  /** Password of the platform's own identity at the embedded Git host. */
  readonly gitToken: string
  /** The agent's password there. */
  readonly agentKey: string
  /** Keys that seal secrets: lines of 32 bytes in base64url, the current one first. */
  readonly vaultKeys: string
  /** What workloads' credentials for signals are made with; left out where nothing of this process runs or takes any. */
  readonly otlpSecret?: string | undefined
  /** What stands behind each port; the embedded adapters when left out. */
  readonly adapters?: Adapters | undefined
  /** Ways out for notifications; none when left out. */
  readonly notifications?: StartFile['notifications'] | undefined
  readonly around?: Around | undefined
}

export interface Composed {
  readonly platform: Platform
  readonly events: LiveEvents
  readonly rules: PolicyKeeper
  readonly embedded: EmbeddedParts
  readonly accepted: AcceptedAdapters
  readonly waysOut: AcceptedNotifications
  /** Receivers that chosen products need mounted. */
  readonly routes: readonly MountedRoutes[]
  readonly isolation: Isolation
  readonly database: OpenDatabase
  close(): Promise<void>
}

/** What only embedded adapters have, for main to mount and run; absent where a product stands behind the port. */
export interface EmbeddedParts {
  readonly gitHost: LocalGitHost | undefined
  readonly ci: LocalCi
  readonly secrets: LocalSecrets
  /** Whether the agent of this machine runs the workloads. */
  readonly agent: boolean
  /** Where the receiver of signals brings each; undefined when nothing is kept or passed on here. */
  readonly signals: SignalIntakes | undefined
}

/** Chooses and connects the adapters: the one place that sees them all. What was opened is closed again when a later part fails. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const opened = new AsyncDisposableStack()
  try {
    return await connect(options, opened)
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

async function connect(options: ComposeOptions, opened: AsyncDisposableStack): Promise<Composed> {
  const { dataFolder, databaseUrl, portalUrl, log, adapters = allLocal } = options
  const accepted = await acceptAdapters(adapters)
  const waysOut = await acceptNotifications(options.notifications)
  const database = openDatabase(databaseUrl, { max: 24 })
  opened.defer(() => database.close())
  const { db, pool } = database
  const objects = await openObjects(dataFolder)
  const signer = await openSigner(dataFolder)
  const isolation = await detectIsolation({ place: dataFolder })
  const workRoot = await openWorkRoot(dataFolder, isolation)
  const rules = await policyKeeper(join(dataFolder, 'policy'))
  opened.defer(() => rules.policy.close())
  const events = liveEvents(db, pool)
  opened.defer(() => events.stop())
  const around: Around['port'] = options.around?.port ?? ((_, adapter) => adapter)
  const needs = { ...needsOf(options, signer, () => platform), seenBefore: hookMemory(db) }
  const opener = adapterOpener({ dataFolder, needs, opened, around })
  const host = await opener.open('gitHost', accepted.gitHost, () =>
    localGitHost({
      folder: join(dataFolder, 'git'),
      db,
      baseUrl: portalUrl,
      tokens: { platform: options.gitToken },
      authorize: gitAccess(() => platform, options.agentKey),
      signer,
    }),
  )
  const gitHost = host.adapter
  const settings = followed(gitHost, log)
  const { adapter: artifacts } = await opener.open('artifacts', accepted.artifacts, () =>
    localArtifacts({ folder: join(dataFolder, 'artifacts') }),
  )
  const delivery = await opener.open('delivery', accepted.delivery, () => localDelivery({ dataFolder }))
  const admission = await opener.open('admission', accepted.admission, localAdmission)
  const signals = await openSignals(opener, accepted, db)
  const ci = around('ci', localCi({ workRoot, artifacts, isolation, gitRemote: (repo) => gitHost.remote(repo) }))
  const secrets = around('secrets', localSecrets({ db, pool, keys: options.vaultKeys }))
  const platform: Platform = {
    ports: {
      gitHost,
      ci,
      artifacts,
      delivery: delivery.adapter,
      policy: around('policy', rules.policy),
      admission: admission.adapter,
      identity: localIdentity(async () => peopleOf(await settings())),
      secrets,
      notifications: waysOut.notifications,
      ...signals.ports,
    },
    db,
    pool,
    log,
    objects,
    signer,
    events,
    settings,
    adapters: { running: adapters, check: async (wanted) => void (await acceptAdapters(wanted)) },
    signing: await imageSigning(dataFolder),
    urls: { portal: portalUrl, pattern: 'http://{service}.{environment}.localhost' },
    ...(signals.intakes && tokensOf(options.otlpSecret)),
    engine: undefined as never,
  }
  return {
    platform,
    events,
    rules,
    accepted,
    waysOut,
    embedded: { gitHost: host.local, ci, secrets, agent: delivery.local !== undefined, signals: signals.intakes },
    routes: opener.routes,
    isolation,
    database,
    close: () => opened.disposeAsync(),
  }
}

function tokensOf(secret: string | undefined): Pick<Platform, 'signalsToken'> {
  return secret === undefined ? {} : { signalsToken: (whose, ends) => endingToken(secret, whose, ends) }
}

async function openSigner(dataFolder: string): Promise<CommitSigner> {
  const signer = commitSigner(await secretFile(dataFolder, 'audit-key'))
  await writeFile(join(dataFolder, 'allowed_signers'), `fairway@fairway.local namespaces="git" ${signer.publicKey}\n`)
  return signer
}

function followed(gitHost: GitHost, log: Logger) {
  return settingsReader(gitHost, (error) =>
    log.error({ err: error }, 'the platform repository is broken; the last good commit stays in force'),
  )
}

async function openObjects(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, 'objects.git')
  await openWorkRepository(folder)
  return folder
}

function peopleOf({ commit, org }: PlatformSettings) {
  return { version: commit, texts: org }
}

/** What products' adapters are offered; the platform itself is asked only once it is there. */
function needsOf({ portalUrl, log }: ComposeOptions, signer: CommitSigner, platform: () => Platform) {
  return {
    portalUrl,
    log,
    signer,
    trustedKeys: () => platform().signing.trusted.map(({ pem }) => pem),
    gitHost: () => platform().ports.gitHost,
    environments: async () => (await platform().settings()).environments,
    async membersOf(team: string) {
      const teams = await platform()
        .ports.identity.teams()
        .catch(() => []) // before the first start there are no settings
      return teams.find(({ name }) => name === team)?.members
    },
  }
}

async function openSignals(opener: ReturnType<typeof adapterOpener>, accepted: AcceptedAdapters, db: Database) {
  const logs = await opener.open('logs', accepted.logs, () => localLogs({ db }))
  const metrics = await opener.open('metrics', accepted.metrics, () => localMetrics({ db }))
  const traces = await opener.open('traces', accepted.traces, () => localTraces({ db }))
  return {
    ports: { logs: logs.adapter, metrics: metrics.adapter, traces: traces.adapter },
    intakes: intakesOf({ logs, metrics, traces }),
  }
}
