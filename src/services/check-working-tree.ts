import { createHash } from 'node:crypto'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { Environment } from '#model/environment.ts'
import { Pipeline } from '#model/pipeline.ts'
import type { WorkingTreeProblem, WorkingTreeReport } from '#model/working-tree.ts'
import { checkSources } from '#render/packaged/check-sources.ts'
import { packagesPath, packagingOf } from '#render/packaged/packaging.ts'
import { type RenderedFile, sortByPath } from '#render/rendered-file.ts'
import { parseCatalogInfo } from '#render/score/parse-catalog-info.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { namespaceOf } from '#render/score/request.ts'
import { findService } from '#store/service.ts'
import { placeholderRelease } from '#workflows/create-service/render-service.ts'
import { allowance, manifestVerdict, refuseDenied } from '#workflows/deliver/check-policy.ts'
import { manifestsOf, refuseForeign, type Sources } from '#workflows/deliver/render-manifests.ts'
import { missingSecrets, secretsAreMissing } from '#workflows/deliver/require-secrets.ts'
import type { Platform } from '#workflows/platform.ts'
import { refuseOtherOwners } from '#workflows/release/read-repository.ts'
import { authorise, type Caller } from './caller.ts'
import { approvalSentence } from './promote-service.ts'

interface WorkingTree {
  readonly service: string
  readonly files: readonly RenderedFile[]
  readonly signal: AbortSignal
}

/** All gates on files that are not committed yet, in the words that the steps of a release and a promotion would use. Changes nothing. */
export async function checkWorkingTree(
  platform: Platform,
  caller: Caller,
  { service, files, signal }: WorkingTree,
): Promise<WorkingTreeReport> {
  const text = (path: string) => files.find((file) => file.path === path)?.content
  await admitYaml(...files.filter(({ path }) => path.endsWith('.yaml')).map(({ content }) => content))
  const known = await findService(platform.db, service)
  const owner = known?.owner ?? ownerIn(text('catalog-info.yaml'), service)
  if (owner === undefined) authorise(caller, 'read')
  else authorise(caller, 'change.open', owner)
  const settings = await platform.settings()
  const { packaging, problems } = fileProblems({ service, owner, files })
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`
  const isWhole = problems.length === 0 && packaging !== undefined && owner !== undefined
  const environments = isWhole
    ? await Promise.all(
        settings.environments.map((environment) => {
          const own = text(`.fairway/environments/${environment.metadata.name}.yaml`)
          const sources: Sources =
            packaging === 'score'
              ? { score: text('score.yaml') ?? '', environment: own }
              : {
                  packager: packaging,
                  files: sortByPath(files.filter(({ path }) => packagesPath(packaging, path))),
                  environment: own,
                }
          return judge(platform, { service, owner, environment, sources, digest, signal })
        }),
      )
    : []
  return {
    service,
    ...(owner !== undefined && { owner }),
    ...(packaging && { packaging }),
    ok: isWhole && environments.every((each) => each.ok),
    problems,
    environments,
    notes: [
      ...unread(files, settings.environments),
      'not judged here: the pipeline’s commands, and the image with its signature; they do not exist before a commit',
    ],
    bundleDigest: platform.ports.policy.bundle().digest,
  }
}

/** The owner that catalog-info.yaml names for the component; undefined when it cannot be read. */
function ownerIn(text: string | undefined, service: string): string | undefined {
  if (text === undefined) return undefined
  try {
    const entity = parseCatalogInfo(text).find(
      ({ kind, metadata }) => kind === 'Component' && metadata.name === service,
    )
    const owner = entity?.spec['owner']
    return typeof owner === 'string' ? owner.replace(/^group:/i, '').replace(/^default\//i, '') : undefined
  } catch (error) {
    if (error instanceof PlatformError) return undefined
    throw error
  }
}

/** What the pipeline and the step that reads the repository would refuse. */
function fileProblems({
  service,
  owner,
  files,
}: {
  service: string
  owner: string | undefined
  files: WorkingTree['files']
}) {
  const text = (path: string) => files.find((file) => file.path === path)?.content
  const packaging: { found?: NonNullable<WorkingTreeReport['packaging']> } = {}
  const problems = [
    ...problemsOf(undefined, () => void (packaging.found = packagingOf(files.map(({ path }) => path)))),
    ...problemsOf('catalog-info.yaml', () => {
      const entities = parseCatalogInfo(
        required(text('catalog-info.yaml'), 'catalog-info.yaml', 'CATALOG_INFO_INVALID'),
      )
      if (!entities.some(({ kind, metadata }) => kind === 'Component' && metadata.name === service))
        throw new PlatformError('CATALOG_INFO_INVALID', `catalog-info.yaml describes no Component called ${service}`)
      if (owner !== undefined) refuseOtherOwners(entities, owner)
    }),
    ...problemsOf('.fairway/pipeline.yaml', () => {
      const path = '.fairway/pipeline.yaml'
      readYamlAs(required(text(path), path, 'PIPELINE_INVALID'), Pipeline, { code: 'PIPELINE_INVALID', file: path })
    }),
  ]
  const { found } = packaging
  if (found === 'score') problems.push(...problemsOf('score.yaml', () => void parseScore(text('score.yaml') ?? '')))
  else if (found)
    problems.push(
      ...problemsOf(undefined, () =>
        checkSources(
          found,
          files.filter(({ path }) => packagesPath(found, path)),
        ),
      ),
    )
  return { packaging: found, problems }
}

function required(text: string | undefined, path: string, code: 'CATALOG_INFO_INVALID' | 'PIPELINE_INVALID'): string {
  if (text !== undefined) return text
  throw new PlatformError(code, `the repository has no ${path}`)
}

interface Question {
  readonly service: string
  readonly owner: string
  readonly environment: Environment
  readonly sources: Sources
  /** Stands for the image's until there is one: the rules take no digest of a preview. */
  readonly digest: string
  readonly signal: AbortSignal
}

/** What the change gate of one environment says of it. */
async function judge(platform: Platform, question: Question): Promise<WorkingTreeReport['environments'][number]> {
  const { service, owner, environment, sources, digest, signal } = question
  const { name } = environment.metadata
  const place = { service, owner, environment: name }
  const approval = approvalSentence(environment.spec.approval !== 'none', owner)
  const findings: WorkingTreeReport['environments'][number]['findings'] = []
  try {
    const image = `${platform.ports.artifacts.registry}/${owner}/${service}`
    const facts = { run: 'check', requestedBy: 'check' }
    const files = await manifestsOf(platform, {
      place,
      release: { ...placeholderRelease, digest, image },
      facts,
      sources,
    })
    refuseForeign(files, namespaceOf(owner, name))
    const verdict = await manifestVerdict(platform, { gate: 'change', place, files, signal })
    findings.push(...verdict.findings)
    refuseDenied(verdict)
    const missing = await missingSecrets(platform, { place, files, signal })
    if (missing.length > 0) throw secretsAreMissing(place, missing)
    return { name, ok: true, says: allowance(verdict), approval, findings, problems: [] }
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    const { message } = error
    return { name, ok: false, says: `${error.code}: ${message}`, approval, findings, problems: toldBy(error) }
  }
}

function problemsOf(file: string | undefined, read: () => void): WorkingTreeProblem[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    return toldBy(error, file)
  }
}

function toldBy({ code, message, hint, errors }: PlatformError, file?: string): WorkingTreeProblem[] {
  const common = { code, ...(file && { file }), ...(hint && { hint }) }
  if (errors.length === 0) return [{ ...common, message }]
  return errors.map((field) => ({ ...common, path: field.path, message: field.message }))
}

function unread(files: WorkingTree['files'], environments: readonly Environment[]): string[] {
  const names = environments.map(({ metadata }) => metadata.name)
  return files
    .map(({ path }) => ({ path, name: /^\.fairway\/environments\/(.+)\.yaml$/.exec(path)?.[1] }))
    .filter(({ name }) => name !== undefined && !names.includes(name))
    .map(({ path }) => `${path} is read by nothing: the environments are ${names.join(', ')}`)
}
