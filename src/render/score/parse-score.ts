import { invalidFields, readYamlAs } from '#lib/yaml/read-yaml.ts'
import type { FieldIssue, FieldPath } from '#lib/yaml/read-yaml.ts'
import { splitPlaceholders, type TextPart } from './placeholders.ts'
import { referenceProblem, resourceIssues } from './resources.ts'
import { type Container, Score } from './schema.ts'

/** Reads score.yaml. SCORE_INVALID names line and field, also for placeholders that nothing resolves. */
export function parseScore(text: string): Score {
  const source = { code: 'SCORE_INVALID', file: 'score.yaml' } as const
  const { value, yaml } = readYamlAs(text, Score, source)
  const issues = [...resourceIssues(value), ...portIssues(value), ...containerIssues(value)]
  if (issues.length > 0) throw invalidFields(issues, yaml, source)
  return value
}

/** The files of a container by target, whichever of the two forms score.yaml uses. */
export function filesOf(container: Container): { target: string; path: FieldPath; file: NamedFile }[] {
  const { files = {} } = container
  if (Array.isArray(files)) return files.map((file, index) => ({ target: file.target, path: [index], file }))
  return Object.entries(files).map(([target, file]) => ({ target, path: [target], file }))
}

interface NamedFile {
  readonly mode?: string | undefined
  readonly content?: string | undefined
  readonly binaryContent?: string | undefined
  readonly noExpand?: boolean | undefined
}

function portIssues(score: Score): FieldIssue[] {
  const seen = new Set<string>()
  return Object.entries(score.service?.ports ?? {}).flatMap(([name, { port, protocol }]) => {
    const key = `${port}/${protocol}`
    const isTwice = seen.has(key)
    seen.add(key)
    return isTwice ? [{ path: ['service', 'ports', name], message: `port ${port} is named twice` }] : []
  })
}

function containerIssues(score: Score): FieldIssue[] {
  return Object.entries(score.containers).flatMap(([name, container]) => {
    const path = ['containers', name]
    const variables = Object.entries(container.variables).flatMap(([key, text]) =>
      textIssues(score, text, [...path, 'variables', key]),
    )
    const files = filesOf(container)
    const contents = files.flatMap(({ path: at, file }) => fileIssues(score, file, [...path, 'files', ...at]))
    const targets = files.map(({ target }) => target)
    const twice = files.filter(
      ({ target }, index) =>
        targets.indexOf(target) !== index || targets.some((other) => other.startsWith(`${target}/`)),
    )
    const doubled = twice.map(({ path: at }) => ({
      path: [...path, 'files', ...at],
      message: 'another file has this path or lies below it',
    }))
    return [...variables, ...contents, ...doubled]
  })
}

function fileIssues(score: Score, file: NamedFile, path: FieldPath): FieldIssue[] {
  if (file.content === undefined || file.noExpand) return []
  const at = [...path, 'content']
  return textIssues(score, file.content, at)
}

function textIssues(score: Score, text: string, path: FieldPath): FieldIssue[] {
  const parts = splitPlaceholders(text)
  const issues = parts.flatMap((part) => {
    const problem = 'text' in part ? undefined : placeholderProblem(score, part.reference)
    return problem && 'source' in part ? [{ path, message: `${part.source}: ${problem}` }] : []
  })
  if (parts.length > 1 && parts.some((part) => isSecretReference(score, part))) {
    issues.push({ path, message: 'a secret must be the whole variable or file, without text around it' })
  }
  return issues
}

function placeholderProblem(score: Score, [root, ...rest]: readonly string[]): string | undefined {
  if (root === 'resources') return referenceProblem(score, rest)
  if (root !== 'metadata') return 'a placeholder begins with metadata or resources; write $$ for a dollar'
  let value: unknown = score.metadata
  for (const key of rest) {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    value = isObject ? (value as Record<string, unknown>)[key] : undefined
  }
  return typeof value === 'string' ? undefined : 'score.yaml has no such text under metadata'
}

function isSecretReference(score: Score, part: TextPart): boolean {
  if ('text' in part || part.reference[0] !== 'resources') return false
  const name = part.reference[1] ?? ''
  return Object.hasOwn(score.resources, name) && score.resources[name]?.type === 'secret'
}
