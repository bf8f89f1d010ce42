import { PlatformError } from '#errors/platform-error.ts'
import { invalidFields, readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { FieldIssue } from '#lib/yaml/read-yaml.ts'
import { FetchStep, type Question, TemplateFile } from './schema.ts'

/** A golden path, ready to ask its questions and to render. */
export interface Template {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly owner: string
  readonly type: string
  readonly tags: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
  /** JSON Schema pages, as the portal's form takes them. */
  readonly parameters: readonly Readonly<Record<string, unknown>>[]
  readonly questions: ReadonlyMap<string, { readonly question: Question; readonly required: boolean }>
  readonly steps: readonly { readonly id: string; readonly name: string; readonly action: string }[]
  readonly fetches: readonly FetchStep[]
}

/** Reads `templates/<name>/`, its files keyed by relative path. TEMPLATE_INVALID names file, line and field. */
export function parseTemplate(files: ReadonlyMap<string, string>): Template {
  const source = { code: 'TEMPLATE_INVALID', file: 'template.yaml' } as const
  const text = files.get('template.yaml')
  if (text === undefined) throw new PlatformError('TEMPLATE_INVALID', 'The golden path has no template.yaml.')
  const { value, yaml } = readYamlAs(text, TemplateFile, source)
  const issues = [...questionIssues(value), ...stepIssues(value, files)]
  if (issues.length > 0) throw invalidFields(issues, yaml, source)
  const { metadata, spec } = value
  return {
    name: metadata.name,
    title: metadata.title,
    description: metadata.description,
    owner: spec.owner,
    type: spec.type,
    tags: metadata.tags,
    annotations: metadata.annotations,
    parameters: spec.parameters,
    questions: questionsOf(value),
    steps: spec.steps.map(({ id, name, action }) => ({ id, name, action })),
    fetches: fetchesOf(value),
  }
}

function questionsOf({ spec }: TemplateFile): Template['questions'] {
  const pages = spec.parameters.flatMap((page) =>
    Object.entries(page.properties).map(
      ([name, question]) => [name, { question, required: page.required.includes(name) }] as const,
    ),
  )
  return new Map(pages)
}

function fetchesOf({ spec }: TemplateFile): FetchStep[] {
  return spec.steps.flatMap((step) => (step.action === 'fetch:template' ? [FetchStep.parse(step)] : []))
}

function questionIssues({ spec }: TemplateFile): FieldIssue[] {
  const seen = new Set<string>()
  return spec.parameters.flatMap((page, index) => {
    const path = ['spec', 'parameters', index]
    const twice = Object.keys(page.properties).filter((name) => seen.has(name) || !seen.add(name))
    const unknown = page.required.filter((name) => !(name in page.properties))
    return [
      ...twice.map((name) => ({ path: [...path, 'properties', name], message: 'an earlier page asks this already' })),
      ...unknown.map((name) => ({ path: [...path, 'required'], message: `there is no question named ${name}` })),
    ]
  })
}

function stepIssues(file: TemplateFile, files: ReadonlyMap<string, string>): FieldIssue[] {
  const paths = [...files.keys()]
  const issues = file.spec.steps.flatMap((step, index): FieldIssue[] => {
    if (step.action !== 'fetch:template') return []
    const folder = `${FetchStep.parse(step).input.url.slice(2).replace(/\/+$/, '')}/`
    if (paths.some((path) => path.startsWith(folder))) return []
    return [{ path: ['spec', 'steps', index, 'input', 'url'], message: `the golden path has no folder ${folder}` }]
  })
  if (fetchesOf(file).length > 0) return issues
  return [{ path: ['spec', 'steps'], message: 'a golden path needs a step with the action fetch:template' }]
}
