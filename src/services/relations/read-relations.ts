import { codeOf } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { repoName } from '#model/names.ts'
import type { Relation, Relations } from '#model/relation.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { serviceDependencies } from '#render/score/resources.ts'
import { findEntity } from '#store/entity.ts'
import { entitiesNaming } from '#store/entity-mentions.ts'
import { findService, listServices, type ServiceRow } from '#store/service.ts'
import { deploymentsIn } from '#workflows/deliver/history.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from '../caller.ts'
import { readEntity } from '../catalog.ts'
import { environmentsOf } from '../read-services.ts'
import { toldBy, toldOf, type Told } from './described.ts'
import { partsOf, spellingsOf } from './spelled.ts'

/** As many as a drawing can show; the rest is counted. */
const most = 40
const mostServices = 200

/**
 * What an entity is to others: by its own description, by theirs, by the score.yaml of a service, and by what is deployed.
 * Each relation says where it was read.
 */
export async function readRelations(
  platform: Platform,
  caller: Caller,
  path: { kind: string; namespace: string; name: string },
): Promise<Relations> {
  authorise(caller, 'read')
  const found = await readEntity(platform, caller, path)
  const naming = await entitiesNaming(platform.db, { spellings: spellingsOf(found.ref), limit: mostServices })
  const told = unique([
    ...toldBy(found.entity, found.source),
    ...naming.items.flatMap((other) => toldOf(found.ref, other)),
    ...(await toldByPlatform(platform, found.ref)),
  ])
  const shown = await Promise.all(told.slice(0, most).map((one) => completed(platform, one)))
  const { kind, name } = partsOf(found.ref)
  const unread = Math.max(0, naming.total - naming.items.length)
  return {
    ref: found.ref,
    kind,
    name,
    items: shown,
    more: Math.max(0, told.length - most) + unread,
    readAt: new Date().toISOString(),
  }
}

/** What no description says: where a service runs and what its workload asks for; what runs in an environment. */
async function toldByPlatform(platform: Platform, ref: string): Promise<Told[]> {
  const { kind, namespace, name } = partsOf(ref)
  if (namespace !== 'default') return []
  if (kind === 'environment') return runningIn(platform, name)
  const service = kind === 'component' ? await findService(platform.db, name) : undefined
  return service ? [...(await placesOf(platform, service)), ...(await workloadOf(platform, service))] : []
}

async function placesOf(platform: Platform, { name }: ServiceRow): Promise<Told[]> {
  const environments = await environmentsOf(platform, name)
  return environments
    .filter(({ release }) => release !== undefined)
    .map((at) => ({
      relation: 'runs in',
      side: 'right',
      ref: `environment:default/${at.name}`,
      link: `/catalog/component/default/${name}/deployments?environment=${at.name}`,
      state: at.health,
      ...(at.release && { detail: at.release.version }),
      source: 'fairway/delivery',
    }))
}

async function runningIn(platform: Platform, environment: string): Promise<Told[]> {
  const services = (await listServices(platform.db)).slice(0, mostServices)
  const found = await Promise.all(
    services.map(async ({ name }): Promise<Told[]> => {
      const [now] = await deploymentsIn(platform, { service: name, environment }, 1)
      if (!now) return []
      const ref = `component:default/${name}`
      return [{ relation: 'runs', side: 'right', ref, detail: now.version, source: 'fairway/delivery' }]
    }),
  )
  return found.flat()
}

/** Services that the workload calls and secrets that it uses; a score.yaml that does not read says nothing. */
async function workloadOf(platform: Platform, { name, owner }: ServiceRow): Promise<Told[]> {
  const repo = serviceRepo({ service: name, owner })
  const text = await platform.ports.gitHost.files.read(repo, 'main', 'score.yaml')
  if (text === undefined) return []
  try {
    await admitYaml(text)
    const score = parseScore(text)
    const source = `${repoName(repo)}/score.yaml`
    const called = serviceDependencies(score).map(({ service }) => ({
      relation: 'depends on' as const,
      side: 'below' as const,
      ref: `component:default/${service}`,
      source,
    }))
    const secrets = Object.entries(score.resources)
      .filter(([, { type }]) => type === 'secret')
      .map(([key, resource]) => ({
        relation: 'uses secret' as const,
        side: 'below' as const,
        ref: `secret:default/${resource.id ?? key}`,
        link: `/catalog/component/default/${name}/secrets`,
        source,
      }))
    return [...called, ...secrets]
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return []
  }
}

async function completed(platform: Platform, told: Told): Promise<Relation> {
  const { kind, namespace, name } = partsOf(told.ref)
  const found = kind === 'secret' ? undefined : await findEntity(platform.db, told.ref)
  const link = told.link ?? (found && `/catalog/${kind}/${namespace}/${name}`)
  const title = found?.entity.metadata.title
  return { ...told, kind, name, ...(title && title !== name && { title }), ...(link && { link }) }
}

/** Two descriptions may say the same; what tells more of it comes last and wins. */
function unique(told: readonly Told[]): Told[] {
  return [...new Map(told.map((one) => [`${one.relation} ${one.ref}`, one])).values()]
}
