import { PlatformError } from '#errors/platform-error.ts'
import { writeTree } from '#lib/git/trees.ts'
import { Name } from '#model/names.ts'
import { parseTemplate, type Template } from '#render/template/parse-template.ts'
import { renderTemplate, type RenderedTree } from '#render/template/render-template.ts'
import { requireAnswers } from '#render/template/check-answers.ts'
import type { Verdict } from '#model/verdict.ts'
import { findEntity } from '#store/entity.ts'
import { findService } from '#store/service.ts'
import { manifestsOf } from '../deliver/render-manifests.ts'
import { manifestVerdict } from '../deliver/check-policy.ts'
import type { Platform } from '../platform.ts'
import { type PlatformSettings, readSettings } from '../settings.ts'

export interface ServiceRequest {
  readonly template: string
  readonly service: string
  readonly owner: string
  readonly answers: Readonly<Record<string, unknown>>
}

/** An image that does not exist yet: manifests of a preview carry it so that every rule can be asked. */
export const placeholderRelease = {
  version: '0.0.0-preview',
  commit: '0'.repeat(40),
  digest: `sha256:${'0'.repeat(64)}`,
  configDigest: `sha256:${'0'.repeat(64)}`,
}

/** The golden path of that name, from the platform repository. */
export function goldenPath(
  settings: PlatformSettings,
  name: string,
): { template: Template; files: ReadonlyMap<string, string> } {
  const files = settings.templates.get(name)
  if (!files)
    throw new PlatformError('TEMPLATE_UNKNOWN', `no golden path is called ${name}`, {
      hint: `known: ${[...settings.templates.keys()].join(', ')}`,
    })
  return { template: parseTemplate(files), files }
}

/** Refuses a request that could not succeed; every reason has its own code, and fields are named. */
export async function checkRequest(platform: Platform, request: ServiceRequest, run?: string): Promise<void> {
  const settings = await platform.settings()
  const { template } = goldenPath(settings, request.template)
  const name = Name.safeParse(request.service)
  if (!name.success)
    throw new PlatformError('NAME_INVALID', `"${request.service}" is no service name`, {
      hint: name.error.issues[0]?.message ?? '',
      errors: [{ path: 'name', message: name.error.issues[0]?.message ?? 'not a name' }],
    })
  await checkOwner(platform, request.owner)
  requireAnswers(template, answersOf(request))
  await refuseDescribedElsewhere(platform, request)
  const taken = await findService(platform.db, request.service)
  if (taken && taken.run !== run) throw nameTaken(request.service, taken.owner)
}

/** OWNER_UNKNOWN unless the owner is a group of the organisation. */
export async function checkOwner(platform: Platform, owner: string): Promise<void> {
  const teams = await platform.ports.identity.teams()
  if (!teams.some((team) => team.name === owner)) {
    throw new PlatformError('OWNER_UNKNOWN', `no group is called ${owner}`, {
      hint: `known: ${teams.map((team) => team.name).join(', ')}`,
      errors: [{ path: 'owner', message: 'no such group' }],
    })
  }
}

/** A component of that name in another repository would make the new catalog entry impossible, after everything else was made. */
async function refuseDescribedElsewhere(platform: Platform, { service, owner }: ServiceRequest): Promise<void> {
  const entity = await findEntity(platform.db, `component:default/${service}`)
  if (!entity || entity.source === `${owner}/${service}`) return
  throw new PlatformError('NAME_TAKEN', `${entity.source} describes a component ${service} already`, {
    hint: 'choose another name',
    errors: [{ path: 'name', message: 'taken' }],
  })
}

export function nameTaken(service: string, owner: string): PlatformError {
  return new PlatformError('NAME_TAKEN', `a service called ${service} exists already, owned by ${owner}`, {
    hint: 'choose another name',
    errors: [{ path: 'name', message: 'taken' }],
  })
}

/** The new repository's files, rendered by the golden path of `version`, a commit of the platform repository; else by the one in force. */
export async function renderService(
  platform: Platform,
  request: ServiceRequest,
  { version, signal }: { version?: string | undefined; signal?: AbortSignal } = {},
): Promise<{ files: RenderedTree; version: string }> {
  const inForce = await platform.settings()
  const isMoved = version !== undefined && version !== inForce.commit
  const settings = isMoved ? await readSettings(platform.ports.gitHost, version) : inForce
  const { files } = goldenPath(settings, request.template)
  const rendered = await renderTemplate({
    files,
    answers: answersOf(request),
    facts: { commit: settings.commit },
    ...(signal && { signal }),
  })
  return { files: rendered, version: settings.commit }
}

/** Manifests per environment as they would be with an image that does not exist yet. */
export async function previewManifests(
  platform: Platform,
  request: ServiceRequest,
  files: RenderedTree,
): Promise<{ environment: string; files: { path: string; content: string }[] }[]> {
  const text = (path: string) => files.find((file) => file.path === path)?.content
  const score = text('score.yaml')
  if (score === undefined)
    throw new PlatformError('TEMPLATE_INVALID', `golden path ${request.template} renders no score.yaml`)
  const settings = await platform.settings()
  const image = `${platform.ports.artifacts.registry}/${request.owner}/${request.service}`
  return Promise.all(
    settings.environments.map(async (environment) => {
      const place = { service: request.service, owner: request.owner, environment: environment.metadata.name }
      const sources = { score, environment: text(`.fairway/environments/${place.environment}.yaml`) }
      const release = { ...placeholderRelease, image }
      return {
        environment: place.environment,
        files: await manifestsOf(platform, {
          place,
          release,
          facts: { run: 'preview', requestedBy: 'preview' },
          sources,
        }),
      }
    }),
  )
}

/** The form gate: every rule on the answers and on what would be rendered for each environment. */
export async function formVerdicts(
  platform: Platform,
  { request, files }: { request: ServiceRequest; files: RenderedTree },
): Promise<readonly Verdict[]> {
  const manifests = await previewManifests(platform, request, files)
  const form = { name: request.service, owner: request.owner, template: request.template, answers: request.answers }
  return Promise.all(
    manifests.map(({ environment, files: rendered }) =>
      manifestVerdict(platform, {
        gate: 'form',
        place: { service: request.service, owner: request.owner, environment },
        files: rendered,
        form,
      }),
    ),
  )
}

/** Writes the tree of a new repository into the platform's own: its id is what a preview shows and a run pushes. */
export async function writeServiceTree(platform: Platform, files: RenderedTree): Promise<string> {
  return writeTree({ dir: platform.objects }, files)
}

/** Name and owner are answers too, as a golden path's first page asks them. */
export function answersOf(request: ServiceRequest): Record<string, unknown> {
  return { ...request.answers, name: request.service, owner: request.owner }
}
