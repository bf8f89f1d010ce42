import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { Adapters } from '#model/adapters.ts'
import { Environment } from '#model/environment.ts'
import { Name, platformRepo } from '#model/names.ts'
import type { GitHost } from '#ports/git-host.ts'

/** `fairway.yaml` of the platform repository. */
export const PlatformFile = z.object({
  apiVersion: z.literal('fairway.dev/v1'),
  kind: z.literal('Platform'),
  metadata: z.object({ name: z.string() }).optional(),
  spec: z.strictObject({
    serviceReview: z.enum(['none', 'one']).default('none'),
    deliveryLayout: z.literal('single').default('single'),
    adapters: Adapters.prefault({}),
    /** Ways out for notifications; read at start, as adapters are. Without one they stay in portal and command line. */
    notifications: z
      .strictObject({ smtp: z.looseObject({}).optional(), webhook: z.looseObject({}).optional() })
      .prefault({}),
  }),
})
export type PlatformFile = z.infer<typeof PlatformFile>

export interface PlatformSettings {
  /** Commit of the platform repository that all of this was read from. */
  readonly commit: string
  readonly platform: PlatformFile
  /** In promotion order. */
  readonly environments: readonly Environment[]
  /** Files of a golden path, keyed by path below `templates/<name>/`. */
  readonly templates: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Rego and policy.yaml below `policies/`. */
  readonly policySources: readonly { path: string; text: string }[]
  /** Texts below `org/`. */
  readonly org: readonly { path: string; text: string }[]
}

/** Reads the platform repository whole, once per commit. A broken file is SETTINGS_INVALID and the last good commit stays in force. */
export function settingsReader(gitHost: GitHost, onProblem: (error: unknown) => void): () => Promise<PlatformSettings> {
  let current: PlatformSettings | undefined
  let refused: string | undefined
  let reading: Promise<PlatformSettings> | undefined
  const refresh = async () => {
    const head = await gitHost.files.resolve(platformRepo, 'main')
    if (!head) throw new PlatformError('SETTINGS_INVALID', 'the platform repository has no branch main')
    if (current?.commit === head || (current && refused === head)) return current
    try {
      current = await readSettings(gitHost, head)
    } catch (error) {
      current ??= await lastGood(gitHost, head)
      if (!current) throw error
      refused = head
      onProblem(error)
    }
    return current
  }
  return () => (reading ??= refresh().finally(() => (reading = undefined)))
}

/** The newest earlier commit that reads, for a start on a broken one. */
async function lastGood(gitHost: GitHost, head: string): Promise<PlatformSettings | undefined> {
  for (const { commit } of (await gitHost.files.history(platformRepo, { ref: head, limit: 20 })).slice(1)) {
    const settings = await readSettings(gitHost, commit).catch(() => undefined)
    if (settings) return settings
  }
  return undefined
}

/** All settings of one commit, checked. */
export async function readSettings(gitHost: GitHost, commit: string): Promise<PlatformSettings> {
  const paths = await gitHost.files.list(platformRepo, commit)
  const texts = await gitHost.files.readAll(platformRepo, commit, paths.filter(isSetting))
  await admitYaml(
    ...[...texts].flatMap(([path, text]) => (/^(fairway\.yaml$|environments\/|org\/)/.test(path) ? [text] : [])),
  )
  const below = (prefix: string) =>
    [...texts]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, text]) => ({ path: path.slice(prefix.length), text }))
  for (const { path, text } of below('org/')) checkPeople(path, text)
  const environments = below('environments/').map(({ path, text }) => environmentIn(path, text))
  if (environments.length === 0) throw new PlatformError('SETTINGS_INVALID', 'environments/ describes no environment')
  const inOrder = environments.toSorted((a, b) => a.spec.order - b.spec.order)
  refuseLateSecrets(inOrder)
  return {
    commit,
    platform: readPlatformFile(texts.get('fairway.yaml') ?? ''),
    environments: inOrder,
    templates: templatesOf(below('templates/')),
    policySources: below('policies/').filter(({ path }) => /\.(rego|yaml)$/.test(path)),
    org: below('org/'),
  }
}

/** The text of a fairway.yaml, checked. */
export function readPlatformFile(text: string, path = 'fairway.yaml'): PlatformFile {
  return checked(PlatformFile, path, text)
}

export function environmentOf(settings: PlatformSettings, name: string): Environment {
  const found = settings.environments.find((environment) => environment.metadata.name === name)
  if (found) return found
  const known = settings.environments.map((environment) => environment.metadata.name).join(', ')
  throw new PlatformError('ENVIRONMENT_UNKNOWN', `no environment is called ${name}`, { hint: `known: ${known}` })
}

/** The environment before this one in promotion order; undefined for the first. */
export function environmentBefore(settings: PlatformSettings, name: string): Environment | undefined {
  const index = settings.environments.findIndex((environment) => environment.metadata.name === name)
  return index > 0 ? settings.environments[index - 1] : undefined
}

/** sha256 over path and text of every file, in path order. */
export function digestOf(files: readonly { path: string; text: string }[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${file.path}\0${file.text.length}\0${file.text}\0`)
  return `sha256:${hash.digest('hex')}`
}

function environmentIn(path: string, text: string): Environment {
  const environment = checked(Environment, `environments/${path}`, text)
  if (path === `${environment.metadata.name}.yaml`) return environment
  throw new PlatformError(
    'SETTINGS_INVALID',
    `environments/${path}: metadata.name is ${environment.metadata.name}; the file must be called after it`,
  )
}

/** Values leave for developers' machines from where every release arrives first, or from nowhere. */
function refuseLateSecrets([, ...later]: readonly Environment[]): void {
  const found = later.find(({ spec }) => spec.devSecrets === 'allow')
  if (!found) return
  const { name } = found.metadata
  throw new PlatformError(
    'SETTINGS_INVALID',
    `environments/${name}.yaml: spec.devSecrets: only the first environment may allow it`,
  )
}

const GroupOrUser = z.looseObject({
  kind: z.enum(['Group', 'User']),
  metadata: z.looseObject({ name: Name }),
  spec: z.looseObject({ members: z.array(Name).optional(), memberOf: z.array(Name).optional() }),
})

/** Nobody could sign in any more if people could not be read. */
function checkPeople(path: string, text: string): void {
  for (const { value } of readYaml(text, { code: 'SETTINGS_INVALID', file: `org/${path}` })) {
    const problem = z.safeParse(GroupOrUser, value).error?.issues[0]
    if (problem)
      throw new PlatformError('SETTINGS_INVALID', `org/${path}: ${problem.path.join('.')}: ${problem.message}`)
  }
}

function isSetting(path: string): boolean {
  return (
    /^(fairway\.yaml$|environments\/[^/]+\.yaml$|templates\/|policies\/|org\/)/.test(path) && !path.endsWith('.wasm')
  )
}

function templatesOf(
  files: readonly { path: string; text: string }[],
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const templates = new Map<string, Map<string, string>>()
  for (const { path, text } of files) {
    const slash = path.indexOf('/')
    if (slash < 1) continue
    const name = path.slice(0, slash)
    templates.set(name, (templates.get(name) ?? new Map()).set(path.slice(slash + 1), text))
  }
  return templates
}

function checked<T extends z.ZodType>(schema: T, path: string, text: string): z.output<T> {
  const [document, second] = readYaml(text, { code: 'SETTINGS_INVALID', file: path })
  if (second) throw new PlatformError('SETTINGS_INVALID', `${path}: only one document is allowed`)
  const result = schema.safeParse(document?.value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new PlatformError('SETTINGS_INVALID', `${path}: ${issue?.path.join('.') || 'document'}: ${issue?.message}`, {
    cause: result.error,
  })
}
