import { posix } from 'node:path'
import { createTemplateRenderer, type TemplateContext, TemplateLimitError, type TemplateValue } from 'nunjitsu'
import { checkTree } from '../check-paths.ts'
import { templateFilters } from './filters.ts'
import type { FetchStep } from './schema.ts'

/** What the renderer is given: data only, so it can be handed to a process that has nothing else. */
export interface RenderJob {
  readonly files: readonly (readonly [path: string, text: string])[]
  readonly fetches: readonly FetchStep[]
  readonly answers: TemplateContext
}

export interface TreeFile {
  readonly path: string
  readonly content: string
  readonly mode: '100644' | '100755'
}

export type RenderOutcome =
  | { readonly state: 'rendered'; readonly files: readonly TreeFile[] }
  | { readonly state: 'limit' | 'invalid'; readonly message: string; readonly file?: string }

export const renderLimits = { outputBytes: 10_000_000, workUnits: 2_000_000, files: 2_000 } as const

type Renderer = ReturnType<typeof createTemplateRenderer>

/** Renders every fetch step in order; a later step's file replaces an earlier one's. A pure function: same job, same bytes. */
export function renderFiles(job: RenderJob): RenderOutcome {
  const tree = new Map<string, TreeFile>()
  let current = 'template.yaml'
  try {
    let bytes = 0
    for (const step of job.fetches) {
      current = 'template.yaml'
      for (const file of filesOf(step, job, (path) => {
        current = path
      })) {
        bytes += Buffer.byteLength(file.content)
        if (bytes > renderLimits.outputBytes)
          return { state: 'limit', message: 'the tree is larger than 10 MB', file: current }
        tree.set(file.path, file)
        if (tree.size > renderLimits.files) return { state: 'limit', message: `more than ${renderLimits.files} files` }
      }
    }
  } catch (error) {
    const { message } = error as Error
    const isLimit = error instanceof TemplateLimitError || message.includes('Invalid string length')
    return { state: isLimit ? 'limit' : 'invalid', message, file: current }
  }
  const files = [...tree.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const fault = checkTree(files.map(({ path }) => path))
  return fault ? { state: 'invalid', message: fault.reason, file: fault.path } : { state: 'rendered', files }
}

function* filesOf(step: FetchStep, job: RenderJob, reading: (path: string) => void): Generator<TreeFile> {
  const { input } = step
  const renderer = createTemplateRenderer({
    filters: templateFilters,
    trimBlocks: input.trimBlocks,
    lstripBlocks: input.lstripBlocks,
  })
  const parameters: TemplateContext = { parameters: job.answers }
  if (!isWanted(renderer, step, parameters)) return
  const values = renderDeep(renderer, input.values as TemplateValue, parameters)
  const folder = posix.normalize(`${input.url}/`).replace(/^\.\//, '')
  for (const [path, text] of job.files) {
    if (!path.startsWith(folder)) continue
    reading(path)
    const file = renderOne(renderer, step, { path: path.slice(folder.length), text, context: { values } })
    if (file) yield file
  }
}

function renderOne(
  renderer: Renderer,
  { input }: FetchStep,
  file: { path: string; text: string; context: TemplateContext },
): TreeFile | undefined {
  const copied = input.copyWithoutTemplating.some((glob) => matches(file.path, glob))
  const extension = input.templateFileExtension === true ? '.njk' : input.templateFileExtension
  const isTemplate = !copied && (extension === false || file.path.endsWith(extension))
  const named = extension !== false && isTemplate ? file.path.slice(0, -extension.length) : file.path
  const path = render(renderer, named, file.context)
  // As in Backstage: a name that renders to nothing leaves the file out.
  if (path === '' || path.startsWith('/') || path.endsWith('/') || path.includes('//')) return undefined
  const content = isTemplate ? render(renderer, file.text, file.context) : file.text
  const joined = input.targetPath === '.' ? path : `${input.targetPath.replace(/^\.\//, '')}/${path}`
  return { path: joined, content, mode: content.startsWith('#!') ? '100755' : '100644' }
}

function isWanted(renderer: Renderer, step: FetchStep, context: TemplateContext): boolean {
  if (step.if === undefined || typeof step.if === 'boolean') return step.if ?? true
  const value = renderer.renderValue(step.if, context, limitsOfOne)
  return value !== false && value !== undefined && value !== null && value !== '' && value !== 'false'
}

function renderDeep(renderer: Renderer, value: TemplateValue, context: TemplateContext): TemplateValue {
  if (typeof value === 'string') return renderer.renderValue(value, context, limitsOfOne) ?? ''
  if (Array.isArray(value)) return value.map((item: TemplateValue) => renderDeep(renderer, item, context))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value as Record<string, TemplateValue>)
  return Object.fromEntries(entries.map(([key, item]) => [key, renderDeep(renderer, item, context)]))
}

function render(renderer: Renderer, text: string, context: TemplateContext): string {
  return renderer.render(text, context, limitsOfOne)
}

const limitsOfOne = {
  limits: {
    workUnits: renderLimits.workUnits,
    outputCodeUnits: renderLimits.outputBytes,
    sourceCodeUnits: 2_000_000,
  },
}

/** A glob matches a file, or a folder and all below it, as in Backstage. */
function matches(path: string, glob: string): boolean {
  const pattern = glob.replace(/^\.\//, '').replace(/\/$/, '')
  return posix.matchesGlob(path, pattern) || posix.matchesGlob(path, `${pattern}/**`)
}
