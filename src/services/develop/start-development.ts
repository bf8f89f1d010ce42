import { createHash } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { type DevSettings, ownEnvironment } from '#model/dev-session.ts'
import type { Environment } from '#model/environment.ts'
import { packagesPath, packagingOf } from '#render/packaged/packaging.ts'
import { type RenderedFile, sortByPath } from '#render/rendered-file.ts'
import { inCluster } from '#render/score/in-cluster.ts'
import { findService } from '#store/service.ts'
import { placeholderRelease } from '#workflows/create-service/render-service.ts'
import type { DeliveryPlace } from '#workflows/deliver/place.ts'
import { manifestsOf, type Sources } from '#workflows/deliver/render-manifests.ts'
import type { Platform } from '#workflows/platform.ts'
import { withIntent } from '../audit/with-intent.ts'
import { authorise, type Caller, requireService } from '../caller.ts'
import { type ContainerSettings, containerSettings } from './container-settings.ts'

interface Asked {
  readonly service: string
  /** As they lie in the working tree. */
  readonly files: readonly RenderedFile[]
  readonly secrets: boolean
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

const tokenHours = 24
/** A dependency takes a port of the machine. */
const mostCalls = 20

/** What a service of the caller's team runs with on their machine. The one answer of the API that may hold values of secrets (decision 0031). */
export async function startDevelopment(platform: Platform, caller: Caller, asked: Asked): Promise<DevSettings> {
  const { service, files, dryRun, signal } = asked
  const { owner } = await requireService(platform, service)
  authorise(caller, 'service.develop', owner)
  const [environment] = (await platform.settings()).environments
  if (!environment) throw new PlatformError('ENVIRONMENT_UNKNOWN', 'there is no environment')
  const place = { service, owner, environment: environment.metadata.name }
  const container = await settingsOf(platform, { place, files })
  const own = ownEnvironment(caller.person.name)
  const withheld = withheldWhy(platform, { environment, isWanted: asked.secrets })
  const names = [...new Set(container.secrets.map(({ secret }) => secret))]
  const known = (await platform.ports.secrets.list(place, signal)).filter(({ name }) => names.includes(name))
  const lends = !dryRun && withheld === undefined && known.length > 0
  const answer = async (): Promise<DevSettings> => {
    const values = lends ? await platform.ports.secrets.lend?.(place, names, signal) : undefined
    // a dry run opens no port
    const calls = dryRun ? { ...container, notes: [] } : await reachable(platform, { place, container, signal })
    return {
      service,
      owner,
      environment: place.environment,
      ownEnvironment: own,
      ...(container.port !== undefined && { port: container.port }),
      variables: ownVariables(calls.variables, { service, owner, own }),
      secrets: container.secrets.map(({ variable, secret }) => {
        const isSet = known.some(({ name }) => name === secret)
        const value = values?.get(secret)
        const state = isSet ? (withheld === undefined ? 'lent' : 'withheld') : 'missing'
        return { variable, secret, state, ...(value !== undefined && { value }) } as const
      }),
      ...(withheld && container.secrets.length > 0 && { withheld }),
      ...(!dryRun && signalsOf(platform, { service, owner, environment: own })),
      gateway: platform.ports.delivery.lending !== undefined,
      notes: [...container.left, ...calls.notes],
    }
  }
  if (dryRun) return answer()
  const versions = lends ? Object.fromEntries(known.map(({ name, version }) => [name, version])) : {}
  const detail = { environment: place.environment, as: own, secrets: versions }
  return withIntent(platform.db, {
    record: { actor: caller.person.name, action: 'dev.start', object: `service:${service}`, detail },
    work: answer,
    outcome: () => ({ detail }),
  })
}

async function settingsOf(
  platform: Platform,
  { place, files }: { place: DeliveryPlace; files: readonly RenderedFile[] },
): Promise<ContainerSettings> {
  await admitYaml(...files.filter(({ path }) => path.endsWith('.yaml')).map(({ content }) => content))
  const text = (path: string) => files.find((file) => file.path === path)?.content
  const packaging = packagingOf(files.map(({ path }) => path))
  const environment = text(`.fairway/environments/${place.environment}.yaml`)
  const packaged = () => sortByPath(files.filter(({ path }) => packagesPath(packaging, path)))
  const sources: Sources =
    packaging === 'score'
      ? { score: text('score.yaml') ?? '', environment }
      : { packager: packaging, files: packaged(), environment }
  const image = `${platform.ports.artifacts.registry}/${place.owner}/${place.service}`
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`
  const release = { ...placeholderRelease, digest, image }
  const manifests = await manifestsOf(platform, { place, release, facts: { run: 'dev', requestedBy: 'dev' }, sources })
  await admitYaml(...manifests.map(({ content }) => content))
  const found = containerSettings(manifests, { service: place.service, image })
  if (found) return found
  throw new PlatformError(
    'PACKAGING_INVALID',
    `${place.service} is packaged without a Deployment, so nothing of it can be started`,
  )
}

function withheldWhy(
  { ports }: Platform,
  { environment, isWanted }: { environment: Environment; isWanted: boolean },
): string | undefined {
  const { name } = environment.metadata
  if (!isWanted) return 'nobody asked for values'
  if (environment.spec.devSecrets !== 'allow') return `environments/${name}.yaml has no devSecrets: allow`
  return ports.secrets.lend ? undefined : 'the store of secrets hands out no values'
}

/** Services that it calls, by addresses that a process of this machine reaches. */
async function reachable(
  { ports, db }: Platform,
  { place, container, signal }: { place: DeliveryPlace; container: ContainerSettings; signal: AbortSignal },
): Promise<{ variables: ContainerSettings['variables']; notes: string[] }> {
  const { lending } = ports.delivery
  const called = container.variables.flatMap(({ value }) => inCluster(value)?.service ?? [])
  const addresses = new Map<string, string>()
  for (const service of [...new Set(called)].slice(0, mostCalls))
    if (lending && (await findService(db, service)))
      addresses.set(service, await lending.addressOf({ ...place, service }, signal))
  const notes: string[] = []
  const variables = container.variables.map(({ name, value }) => {
    const target = inCluster(value)
    const address = target && addresses.get(target.service)
    if (target && !address) notes.push(`${name} leads to ${target.service}, which cannot be reached from here`)
    return { name, value: target && address ? `${address}${target.rest}` : value }
  })
  return { variables, notes }
}

/** The platform's own variables, under the name that is the person's. */
function ownVariables(
  variables: ContainerSettings['variables'],
  { service, owner, own }: { service: string; owner: string; own: string },
): { name: string; value: string }[] {
  const version = '0.0.0-dev'
  const ours: Record<string, string> = {
    FAIRWAY_SERVICE: service,
    FAIRWAY_ENVIRONMENT: own,
    FAIRWAY_RELEASE: version,
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: `service.namespace=${owner},service.version=${version},deployment.environment.name=${own}`,
  }
  const theirs = variables.filter(({ name }) => !(name in ours) && !name.startsWith('OTEL_EXPORTER_'))
  return [...theirs, ...Object.entries(ours).map(([name, value]) => ({ name, value }))]
}

function signalsOf(
  { signalsToken }: Platform,
  whose: { service: string; owner: string; environment: string },
): Pick<DevSettings, 'otlp'> {
  if (!signalsToken) return {}
  const ends = new Date(Date.now() + tokenHours * 3_600_000)
  return { otlp: { path: '/otlp', token: signalsToken(whose, ends), ends: ends.toISOString() } }
}
