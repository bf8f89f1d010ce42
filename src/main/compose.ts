import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { localArtifacts } from '#adapters/artifacts/local/local.ts'
import { type LocalCi, localCi } from '#adapters/ci/local/local.ts'
import { localDelivery } from '#adapters/delivery/local/local.ts'
import { localGitHost, type LocalGitHost } from '#adapters/git-host/local/local.ts'
import { localIdentity } from '#adapters/identity/local/local-identity.ts'
import { localLogs } from '#adapters/logs/local/local.ts'
import { localMetrics } from '#adapters/metrics/local/local.ts'
import { type LocalSecrets, localSecrets } from '#adapters/secrets/local/local.ts'
import { localTraces } from '#adapters/traces/local/local.ts'
import { commitSigner } from '#lib/git/commit-signature.ts'
import { openWorkRepository } from '#lib/git/repository.ts'
import { detectIsolation, type Isolation } from '#lib/isolation.ts'
import { openWorkRoot } from '#lib/work-root.ts'
import { type LiveEvents, liveEvents } from '#services/live-events.ts'
import { openDatabase, type OpenDatabase } from '#store/database.ts'
import type { Platform } from '#workflows/platform.ts'
import { settingsReader } from '#workflows/settings.ts'
import type { Around } from './around.ts'
import { gitAccess } from './git-access.ts'
import { imageSigning } from './image-signing.ts'
import { type PolicyKeeper, policyKeeper } from './policy-keeper.ts'
import { secretFile } from './secrets-file.ts'

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
  readonly around?: Around | undefined
}

export interface Composed {
  readonly platform: Platform
  readonly gitHost: LocalGitHost
  readonly events: LiveEvents
  readonly rules: PolicyKeeper
  readonly ci: LocalCi
  readonly secrets: LocalSecrets
  readonly isolation: Isolation
  readonly database: OpenDatabase
  close(): Promise<void>
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

async function connect(
  { dataFolder, databaseUrl, portalUrl, log, gitToken, agentKey, vaultKeys, around }: ComposeOptions,
  opened: AsyncDisposableStack,
): Promise<Composed> {
  const database = openDatabase(databaseUrl, { max: 24 })
  opened.defer(() => database.close())
  const { db, pool } = database
  const objects = join(dataFolder, 'objects.git')
  await openWorkRepository(objects)
  const signer = commitSigner(await secretFile(dataFolder, 'audit-key'))
  await writeFile(join(dataFolder, 'allowed_signers'), `fairway@fairway.local namespaces="git" ${signer.publicKey}\n`)
  const isolation = await detectIsolation({ place: dataFolder })
  const workRoot = await openWorkRoot(dataFolder, isolation)
  const port: Around['port'] = around?.port ?? ((_, adapter) => adapter)
  const artifacts = port('artifacts', localArtifacts({ folder: join(dataFolder, 'artifacts') }))
  const host: LocalGitHost = localGitHost({
    folder: join(dataFolder, 'git'),
    db,
    baseUrl: portalUrl,
    tokens: { platform: gitToken },
    authorize: gitAccess(() => platform, agentKey),
    signer,
  })
  const gitHost = port('gitHost', host)
  const rules = await policyKeeper(join(dataFolder, 'policy'))
  opened.defer(() => rules.policy.close())
  const events = liveEvents(db, pool)
  opened.defer(() => events.stop())
  const settings = settingsReader(gitHost, (error) =>
    log.error({ err: error }, 'the platform repository is broken; the last good commit stays in force'),
  )
  const delivery = port('delivery', localDelivery({ dataFolder }))
  const ci = port('ci', localCi({ workRoot, artifacts, isolation, gitRemote: (repo) => gitHost.remote(repo) }))
  const secrets = port('secrets', localSecrets({ db, pool, keys: vaultKeys }))
  const ports = {
    gitHost,
    ci,
    artifacts,
    delivery,
    policy: port('policy', rules.policy),
    identity: localIdentity(async () => {
      const { commit, org } = await settings()
      return { version: commit, texts: org }
    }),
    secrets,
    logs: localLogs({ db }),
    metrics: localMetrics({ db }),
    traces: localTraces({ db }),
  }
  const platform: Platform = {
    ports,
    db,
    pool,
    log,
    objects,
    signer,
    events,
    settings,
    signing: await imageSigning(dataFolder),
    urls: { portal: portalUrl, pattern: 'http://{service}.{environment}.localhost' },
    engine: undefined as never,
  }
  return {
    platform,
    gitHost,
    events,
    rules,
    ci,
    secrets,
    isolation,
    database,
    close: () => opened.disposeAsync(),
  }
}
