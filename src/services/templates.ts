import { PlatformError } from '#errors/platform-error.ts'
import { Name } from '#model/names.ts'
import type { GoldenPath } from '#model/template.ts'
import type { Verdict } from '#model/verdict.ts'
import { checkAnswers as checkTemplateAnswers } from '#render/template/check-answers.ts'
import { parseTemplate } from '#render/template/parse-template.ts'
import { usualSeconds } from '#store/run.ts'
import { findService, listServices } from '#store/service.ts'
import { plannedEffects } from '#workflows/create-service/create-service.ts'
import { answersOf, formVerdicts, goldenPath, renderService } from '#workflows/create-service/render-service.ts'
import type { Platform } from '#workflows/platform.ts'
import { authorise, type Caller } from './caller.ts'

/** Golden paths by name. A broken one is left out of the list and told in the log; reading it by name says what is wrong. */
export async function listGoldenPaths(platform: Platform, caller: Caller): Promise<GoldenPath[]> {
  authorise(caller, 'read')
  const settings = await platform.settings()
  const read = await Promise.allSettled(
    [...settings.templates.keys()].map((name) => readGoldenPath(platform, caller, name)),
  )
  for (const result of read)
    if (result.status === 'rejected') platform.log.warn({ err: result.reason as unknown }, 'a golden path is broken')
  return read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

export async function readGoldenPath(platform: Platform, caller: Caller, name: string): Promise<GoldenPath> {
  authorise(caller, 'read')
  const settings = await platform.settings()
  const files = settings.templates.get(name)
  if (!files)
    throw new PlatformError('TEMPLATE_UNKNOWN', `no golden path is called ${name}`, {
      hint: `known: ${[...settings.templates.keys()].join(', ')}`,
    })
  const template = parseTemplate(files)
  const [uses, median] = await Promise.all([
    listServices(platform.db, { template: name }),
    usualSeconds(platform.db, 'create-service'),
  ])
  const environment = settings.environments[0]?.metadata.name ?? ''
  return {
    name: template.name,
    title: template.title,
    description: template.description,
    owner: template.owner,
    tags: [...template.tags],
    version: settings.commit,
    parameters: template.parameters.map((page) => ({ ...page })),
    makes: plannedEffects({ service: 'NAME', owner: 'OWNER', template: name, environment }).map(({ effect }) => effect),
    usedBy: uses.length,
    ...(median !== undefined && { medianSeconds: median }),
  }
}

export interface AnswersSoFar {
  readonly template: string
  readonly name?: string | undefined
  readonly owner?: string | undefined
  readonly values?: Readonly<Record<string, unknown>> | undefined
}

export interface AnswerReport {
  readonly errors: { path: string; code: string; message: string }[]
  readonly verdict?: Verdict
}

/** What is wrong with answers so far, per field; never an error itself. The rules are asked once the answers could render. */
export async function checkAnswers(
  platform: Platform,
  caller: Caller,
  { template: templateName, name = '', owner = '', values = {} }: AnswersSoFar,
): Promise<AnswerReport> {
  authorise(caller, 'read')
  const { template } = goldenPath(await platform.settings(), templateName)
  const request = { template: templateName, service: name, owner, answers: values }
  const errors: AnswerReport['errors'] = checkTemplateAnswers(template, answersOf(request)).errors.map(
    ({ path, code, message }) => ({
      path,
      code,
      message,
    }),
  )
  const parsed = Name.safeParse(name)
  if (!parsed.success)
    errors.push({ path: 'name', code: 'NAME_INVALID', message: parsed.error.issues[0]?.message ?? 'not a name' })
  else if (await findService(platform.db, name))
    errors.push({ path: 'name', code: 'NAME_TAKEN', message: `a service called ${name} exists already` })
  const teams = await platform.ports.identity.teams()
  if (!teams.some((team) => team.name === owner))
    errors.push({
      path: 'owner',
      code: 'OWNER_UNKNOWN',
      message: owner === '' ? 'choose the owning team' : `no group is called ${owner}`,
    })
  if (errors.length > 0) return { errors }
  const { files } = await renderService(platform, request)
  const verdicts = await formVerdicts(platform, { request, files })
  const verdict = verdicts.find((candidate) => !candidate.allowed) ?? verdicts[0]
  return { errors, ...(verdict && { verdict }) }
}
