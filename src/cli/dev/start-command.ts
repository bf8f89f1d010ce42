import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'

export interface StartCommand {
  readonly argv: readonly string[]
  /** The file that says so. */
  readonly from: string
}

/** How the service of a folder runs from source: as its pipeline file says, else by the script `dev` of package.json. */
export async function startCommand(folder: string): Promise<StartCommand> {
  const [pipeline, manifest] = await Promise.all([
    textOf(join(folder, '.fairway/pipeline.yaml')).then(fromYaml),
    textOf(join(folder, 'package.json')).then(fromJson),
  ])
  const said = (pipeline as { spec?: { dev?: { run?: unknown } } } | undefined)?.spec?.dev?.run
  if (isWords(said)) return { argv: said, from: '.fairway/pipeline.yaml' }
  const { scripts } = (manifest ?? {}) as { scripts?: { dev?: unknown } }
  if (typeof scripts?.dev === 'string') return { argv: ['npm', 'run', '--silent', 'dev'], from: 'package.json' }
  throw new PlatformError('DEV_COMMAND_MISSING', `nothing in ${folder} says how the service runs from source`, {
    hint: 'add spec.dev to .fairway/pipeline.yaml: dev: { run: [node, --watch, server.js] }',
  })
}

/** Throws while packages that the pipeline would install are not there: the command's own words would be a stack. */
export async function requirePackages(folder: string): Promise<void> {
  const [manifest, installed] = await Promise.all([
    textOf(join(folder, 'package.json')).then(fromJson),
    textOf(join(folder, 'node_modules/.package-lock.json')),
  ])
  const { dependencies = {} } = (manifest ?? {}) as { dependencies?: Record<string, string> }
  if (installed !== undefined || Object.keys(dependencies).length === 0) return
  throw new PlatformError('USAGE', `the packages of ${folder} are not installed`, { hint: `cd ${folder} && npm ci` })
}

function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string' && word !== '')
}

async function fromYaml(text: string | undefined): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return text === undefined ? undefined : parse(text, { maxAliasCount: 0 })
  } catch {
    return undefined // the platform names the line, see `fairway check`
  }
}

function fromJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
