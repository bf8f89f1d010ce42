import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { type CatalogEntity, Entity } from '#model/entity.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import type { Environment } from '#model/environment.ts'
import type { Person, Team } from '#model/people.ts'
import { platformRepo, repoName } from '#model/names.ts'
import { parseCatalogInfo } from '#render/score/parse-catalog-info.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { appendAudit } from '#store/audit.ts'
import { findEntity, listEntities as listStored, replaceEntities } from '#store/entity.ts'
import { listServices, type ServiceState } from '#store/service.ts'
import { adoptionBranch } from '#workflows/adopt/adoption.ts'
import type { Platform } from '#workflows/platform.ts'
import { serviceRepo } from '#workflows/deliver/place.ts'
import { registerEntities } from '#workflows/release/read-repository.ts'
import { authorise, type Caller } from './caller.ts'

export interface EntityQuery {
  readonly kind?: string | undefined
  readonly owner?: string | undefined
  readonly q?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

export async function listEntities(
  platform: Platform,
  caller: Caller,
  query: EntityQuery,
): Promise<{ items: CatalogEntity[]; total: number; next?: string }> {
  authorise(caller, 'read')
  const { items, total } = await listStored(platform.db, {
    ...(query.kind && { kind: query.kind }),
    ...(query.owner && { owner: query.owner }),
    ...(query.q && { q: query.q }),
    ...(query.cursor && { after: query.cursor }),
    limit: query.limit,
  })
  const last = items.at(-1)
  return { items: [...items], total, ...(items.length === query.limit && last && { next: last.ref }) }
}

export async function readEntity(
  platform: Platform,
  caller: Caller,
  { kind, namespace, name }: { kind: string; namespace: string; name: string },
): Promise<CatalogEntity> {
  authorise(caller, 'read')
  const found = await findEntity(platform.db, `${kind}:${namespace}/${name}`)
  if (found) return found
  throw new PlatformError('NOT_FOUND', `the catalog has no ${kind} ${namespace}/${name}`)
}

export async function listEnvironments(platform: Platform, caller: Caller): Promise<{ items: Environment[] }> {
  authorise(caller, 'read')
  return { items: [...(await platform.settings()).environments] }
}

export async function listPeople(platform: Platform, caller: Caller): Promise<{ people: Person[]; teams: Team[] }> {
  authorise(caller, 'read')
  const [people, teams] = await Promise.all([platform.ports.identity.people(), platform.ports.identity.teams()])
  return { people: [...people], teams: [...teams] }
}

/** Reads every source again: people, teams and golden paths from the platform repository, services from their own. */
export async function refreshCatalog(
  platform: Platform,
  caller: Caller,
): Promise<{ entities: number; problems: number }> {
  authorise(caller, 'catalog.refresh')
  const audit = { actor: caller.person.name, action: 'catalog.refresh', object: 'platform:catalog' }
  await appendAudit(platform.db, { ...audit, phase: 'act', result: 'ok' })
  return readAllSources(platform)
}

export async function readAllSources(platform: Platform): Promise<{ entities: number; problems: number }> {
  let problems = 0
  await readPlatformEntities(platform)
  for (const service of await listServices(platform.db)) {
    const place = { service: service.name, owner: service.owner }
    const commit = await describedAt(platform, { ...place, state: service.state })
    if (!commit) continue
    await registerEntities(platform, { ...place, commit }).catch((error: unknown) => {
      problems++
      platform.log.warn(
        { err: error, service: service.name },
        'a catalog-info.yaml could not be read; the earlier entities stay',
      )
    })
  }
  const { total } = await listStored(platform.db, { limit: 1 })
  return { entities: total, problems }
}

/** Where a service says what it is: on main, or on the branch that proposes to adopt it. */
async function describedAt(
  { ports }: Platform,
  { service, owner, state }: { service: string; owner: string; state: ServiceState },
): Promise<string | undefined> {
  const repo = serviceRepo({ service, owner })
  return ports.gitHost.files.resolve(repo, state === 'adopting' ? `refs/heads/${adoptionBranch}` : 'main')
}

/** Groups, users, environments and golden paths as catalog entities. */
export async function readPlatformEntities(platform: Platform): Promise<void> {
  const settings = await platform.settings()
  const [people, teams] = await Promise.all([platform.ports.identity.people(), platform.ports.identity.teams()])
  const groups = teams.map((team) =>
    Entity.parse({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Group',
      metadata: { name: team.name, title: team.displayName },
      spec: { type: 'team', profile: { displayName: team.displayName }, children: [], members: team.members },
    }),
  )
  const users = people.map((person) =>
    Entity.parse({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'User',
      metadata: { name: person.name, title: person.displayName },
      spec: { profile: { displayName: person.displayName, email: person.email }, memberOf: person.teams },
    }),
  )
  const environments = settings.environments.map((environment) =>
    Entity.parse({
      ...environment,
      metadata: { ...environment.metadata },
      spec: { ...environment.spec, owner: 'platform' },
    }),
  )
  await replaceEntities(
    platform.db,
    repoName(platformRepo),
    [...groups, ...users, ...environments].map((entity) => ({ entity, commit: settings.commit })),
  )
}

/** What is wrong with the texts of a repository's two descriptor files, with lines where the text has them. */
export async function validateTexts(
  caller: Caller,
  texts: { catalogInfo?: string | undefined; score?: string | undefined },
): Promise<{ valid: boolean; problems: { file: string; path?: string; message: string }[] }> {
  authorise(caller, 'read')
  await admitYaml(texts.catalogInfo, texts.score)
  const problems = [
    ...(texts.catalogInfo === undefined
      ? []
      : problemsOf('catalog-info.yaml', () => void parseCatalogInfo(texts.catalogInfo ?? ''))),
    ...(texts.score === undefined ? [] : problemsOf('score.yaml', () => void parseScore(texts.score ?? ''))),
  ]
  return { valid: problems.length === 0, problems }
}

function problemsOf(file: string, read: () => void): { file: string; path?: string; message: string }[] {
  try {
    read()
    return []
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    const { message, errors = [] } = error as { message: string; errors?: readonly { path: string; message: string }[] }
    return errors.length > 0
      ? errors.map(({ path, message: text }) => ({ file, path, message: text }))
      : [{ file, message }]
  }
}
