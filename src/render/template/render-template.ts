import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { Commit } from '#model/names.ts'
import { checkTree } from '../check-paths.ts'
import { sortByPath } from '../rendered-file.ts'
import { writeYaml } from '../yaml/write-yaml.ts'
import { type Answers, requireAnswers } from './check-answers.ts'
import { parseTemplate } from './parse-template.ts'
import { type RenderJob, renderFiles, renderLimits, type TreeFile } from './render-files.ts'
import { runRenderChild } from './run-render-child.ts'

/** Files of a new repository, by path. */
export type RenderedTree = readonly TreeFile[]

export interface RenderRequest {
  /** `templates/<name>/`, keyed by relative path. */
  readonly files: ReadonlyMap<string, string>
  readonly answers: Readonly<Record<string, unknown>>
  /** `commit`: the platform repository's, the version of the golden path. */
  readonly facts: { readonly commit: string }
  readonly signal?: AbortSignal
}

export const lockPath = '.fairway/lock.yaml'

const Outcome = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('rendered'),
    files: z.array(z.strictObject({ path: z.string(), content: z.string(), mode: z.enum(['100644', '100755']) })),
  }),
  z.strictObject({ state: z.enum(['limit', 'invalid']), message: z.string(), file: z.string().optional() }),
])

/** Renders a golden path in a process of its own that holds no secret and may write nowhere. Same input, same bytes. */
export async function renderTemplate(request: RenderRequest): Promise<RenderedTree> {
  const { job, lock } = prepare(request)
  return finish(await runRenderChild(job, { signal: request.signal }), lock)
}

/** The same tree, rendered in this process: for tests and tools that render thousands of trusted templates. */
export function renderTemplateHere(request: RenderRequest): RenderedTree {
  const { job, lock } = prepare(request)
  return finish(renderFiles(job), lock)
}

function prepare({ files, answers, facts }: RenderRequest): { job: RenderJob; lock: TreeFile } {
  const template = parseTemplate(files)
  const checked = requireAnswers(template, answers)
  const job = { files: sortEntries(files), fetches: template.fetches, answers: checked }
  return { job, lock: lockFile(template.name, Commit.parse(facts.commit), checked) }
}

// What the child says is checked again: were a template to escape inside it, this is where it would have to pass.
function finish(outcome: unknown, lock: TreeFile): RenderedTree {
  const parsed = Outcome.safeParse(outcome)
  if (!parsed.success) throw new PlatformError('TEMPLATE_INVALID', 'The renderer gave no valid tree.')
  const result = parsed.data
  if (result.state !== 'rendered') {
    const code = result.state === 'limit' ? 'TEMPLATE_LIMIT' : 'TEMPLATE_INVALID'
    throw new PlatformError(code, `${result.file ?? 'The golden path'}: ${result.message}.`)
  }
  const tree = sortByPath([...result.files, lock])
  const fault = checkTree(tree.map(({ path }) => path))
  if (fault) throw new PlatformError('TEMPLATE_INVALID', `The path ${fault.path} is refused: ${fault.reason}.`)
  const bytes = tree.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  if (bytes > renderLimits.outputBytes) throw new PlatformError('TEMPLATE_LIMIT', 'The tree is larger than 10 MB.')
  return tree
}

function lockFile(goldenPath: string, version: string, answers: Answers): TreeFile {
  const lock = { apiVersion: 'fairway.dev/v1', kind: 'Lock', goldenPath, version, answers }
  return { path: lockPath, content: writeYaml(lock), mode: '100644' }
}

function sortEntries(files: ReadonlyMap<string, string>): [string, string][] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1))
}
