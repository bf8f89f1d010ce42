import { Name } from '#model/names.ts'
import { plainName } from '#model/plain-name.ts'
import { findService } from '#store/service.ts'
import { PlatformError } from '#errors/platform-error.ts'
import type { Run } from '#model/run.ts'
import type { ServicePreview } from '#model/template.ts'
import {
  checkOwner,
  checkRequest,
  formVerdicts,
  nameTaken,
  previewManifests,
  renderService,
  type ServiceRequest,
  writeServiceTree,
} from '#workflows/create-service/render-service.ts'
import { plannedEffects } from '#workflows/create-service/create-service.ts'
import { refuseDenied } from '#workflows/deliver/check-policy.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'
import { repeatedRun, type RunRequest, startRun } from './start-run.ts'

/** Starts the run that makes the service. What could not succeed is refused before a run exists. */
export async function createService(
  platform: Platform,
  caller: Caller,
  { request, idempotencyKey }: { request: ServiceRequest; idempotencyKey?: string | undefined },
): Promise<Run> {
  await checkOwner(platform, request.owner)
  authorise(caller, 'service.create', request.owner)
  await checkName(platform, request.service)
  const wanted = runRequest(caller, { request, idempotencyKey })
  const repeat = await repeatedRun(platform, wanted)
  if (repeat) return repeat
  await checkRequest(platform, request)
  const { files, version } = await renderService(platform, request)
  for (const verdict of await formVerdicts(platform, { request, files })) refuseDenied(verdict)
  return startRun(platform, { ...wanted, agreed: { goldenPath: { version } } })
}

/** Files, manifests, verdicts and effects of a run that would be started now. Changes nothing a person could see. */
export async function previewService(
  platform: Platform,
  caller: Caller,
  request: ServiceRequest,
): Promise<ServicePreview> {
  authorise(caller, 'read')
  await checkRequest(platform, request)
  const { files } = await renderService(platform, request)
  const [verdicts, manifests, settings] = await Promise.all([
    formVerdicts(platform, { request, files }),
    previewManifests(platform, request, files),
    platform.settings(),
  ])
  const environment = settings.environments[0]?.metadata.name ?? ''
  return {
    name: request.service,
    owner: request.owner,
    template: request.template,
    tree: await writeServiceTree(platform, files),
    files: files.map(({ path, content }) => ({ path, content })),
    manifests: (manifests[0]?.files ?? []).map(({ path, content }) => ({ path: `${environment}/${path}`, content })),
    verdicts: [...verdicts],
    effects: plannedEffects({ ...request, environment }),
  }
}

function runRequest(
  caller: Caller,
  { request, idempotencyKey }: { request: ServiceRequest; idempotencyKey?: string | undefined },
): RunRequest {
  const { template, service, owner } = request
  const input = { template, service, owner, answers: { ...request.answers } }
  return {
    workflow: 'create-service',
    actor: caller.person.name,
    service,
    team: owner,
    input,
    idempotencyKey,
  }
}

async function checkName(platform: Platform, name: string): Promise<void> {
  const parsed = Name.safeParse(name)
  const alike = parsed.success ? undefined : await findService(platform.db, plainName(name))
  if (alike) throw nameTaken(alike.name, alike.owner)
  if (!parsed.success)
    throw new PlatformError('NAME_INVALID', `"${name}" is no service name`, {
      hint: parsed.error.issues[0]?.message ?? '',
      errors: [{ path: 'name', message: parsed.error.issues[0]?.message ?? 'not a name' }],
    })
}
