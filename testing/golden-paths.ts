import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { Environment } from '#model/environment.ts'
import { placeholderDigest } from '#render/score/request.ts'
import { parseScore } from '#render/score/parse-score.ts'
import { parseServiceEnvironment } from '#render/score/parse-service-environment.ts'
import { renderManifests } from '#render/score/render-manifests.ts'
import { type RenderedTree, renderTemplateHere } from '#render/template/render-template.ts'
import { readFolder } from './read-folder.ts'

/** One `examples/<name>/` of a golden path: answers.yaml, and what they render to under expected/ and manifests/. */
export interface Example {
  readonly folder: string
  readonly template: ReadonlyMap<string, string>
  readonly answers: Record<string, unknown>
}

const root = fileURLToPath(new URL('../', import.meta.url))
const fixtures = join(root, 'src/render/template/fixtures')
/** Stands for the platform repository's commit in golden files. */
export const goldenCommit = '0'.repeat(40)
export const goldenPlatform = {
  otlpEndpoint: 'http://127.0.0.1:7007/otlp',
  urlPattern: 'http://{service}.{environment}.localhost:7080',
}

/** Every example of every golden path the product ships, and of the renderer's own fixture. */
export function examples(): Example[] {
  return [fixtures, join(root, 'templates')].flatMap((folder) => foldersIn(folder).flatMap(examplesOf))
}

/** Files of the golden path itself: its examples are not part of it. */
export function readTemplate(folder: string): ReadonlyMap<string, string> {
  return new Map([...readFolder(folder)].filter(([path]) => !path.startsWith('examples/')))
}

export function environments(): Environment[] {
  const files = [...readFolder(join(root, 'environments'))].filter(([path]) => /^[a-z-]+\.yaml$/.test(path))
  return files.map(([, text]) => Environment.parse(parse(text))).sort((a, b) => a.spec.order - b.spec.order)
}

/** What an example renders to, by path below its folder. */
export function renderExample({ template, answers }: Example): ReadonlyMap<string, string> {
  const tree = renderTemplateHere({ files: template, answers, facts: { commit: goldenCommit } })
  const expected = tree.map(({ path, content }) => [`expected/${path}`, content] as const)
  const manifests = manifestsOf(tree, answers).map(({ path, content }) => [`manifests/${path}`, content] as const)
  return new Map([...expected, ...manifests])
}

/** The manifests of a rendered repository in every environment, as `<environment>/<file>`; none without score.yaml. */
export function manifestsOf(tree: RenderedTree, answers: Readonly<Record<string, unknown>>) {
  const files = new Map(tree.map(({ path, content }) => [path, content]))
  const text = files.get('score.yaml')
  if (text === undefined) return []
  const score = parseScore(text)
  const release = {
    service: score.metadata.name,
    owner: String(answers['owner']).replace(/^group:(default\/)?/, ''),
    version: '0.0.0-20260101000000-000000000000',
    commit: goldenCommit,
    image: `fairway.local/${String(answers['owner']).replace(/^group:(default\/)?/, '')}/${score.metadata.name}`,
    digest: placeholderDigest,
  }
  return environments().flatMap((environment) => {
    const { name } = environment.metadata
    const serviceEnvironment = parseServiceEnvironment(files.get(`.fairway/environments/${name}.yaml`))
    const request = { score, serviceEnvironment, environment, release, platform: goldenPlatform }
    return renderManifests(request).map(({ path, content }) => ({ path: `${name}/${path}`, content }))
  })
}

function examplesOf(template: string): Example[] {
  return foldersIn(join(template, 'examples')).map((folder) => ({
    folder,
    template: readTemplate(template),
    answers: parse(readFileSync(join(folder, 'answers.yaml'), 'utf8')) as Record<string, unknown>,
  }))
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return entries.map(({ name }) => join(folder, name)).sort()
}
