import type { z } from 'zod'
import type { ErrorCode } from '#errors/catalogue.ts'
import { PlatformError } from '#errors/platform-error.ts'
import { takeAdmitted } from './admit-yaml.ts'
import { type LineTree, type ParsedDocument, parseYaml } from './parse-yaml.ts'

export type FieldPath = readonly (string | number)[]

/** One document of a YAML file, with the line of each of its fields. */
export interface YamlDocument {
  readonly value: unknown
  readonly hasAlias: boolean
  /** From 1. Of the nearest field that exists when the path itself does not. */
  lineOf(path: FieldPath): number
}

/** What a reader throws: the code, and the file name that the message shows. */
export interface YamlSource {
  readonly code: ErrorCode
  readonly file: string
}

export interface FieldIssue {
  readonly path: FieldPath
  readonly message: string
}

/**
 * Reads the documents of a YAML text by the rules of parse-yaml.ts. Throws `source.code` with the line. A text of
 * somebody else goes through `admitYaml` first, else its size costs this thread.
 */
export function readYaml(text: string, source: YamlSource): readonly YamlDocument[] {
  const parsed = takeAdmitted(text) ?? parseYaml(text)
  if ('documents' in parsed) return parsed.documents.map(documentOf)
  if (parsed.line !== undefined) throw at(source, parsed.line, parsed.refused)
  throw new PlatformError(source.code, `${source.file}: ${parsed.refused}.`)
}

/** Reads a file that holds exactly one document of the schema's shape. */
export function readYamlAs<T>(
  text: string,
  schema: z.ZodType<T>,
  source: YamlSource,
): { value: T; yaml: YamlDocument } {
  const [yaml, second] = readYaml(text, source)
  if (!yaml) throw new PlatformError(source.code, `${source.file} is empty.`)
  if (second) throw at(source, second.lineOf([]), 'only one document is allowed')
  const parsed = schema.safeParse(yaml.value)
  if (parsed.success) return { value: parsed.data, yaml }
  throw invalidFields(issuesOf(parsed.error), yaml, source)
}

/** The error for wrong fields: the message names the first with its line, `errors` all of them. */
export function invalidFields(issues: readonly FieldIssue[], yaml: YamlDocument, source: YamlSource): PlatformError {
  const errors = issues.map(({ path, message }) => ({
    path: path.join('/'),
    message: `line ${yaml.lineOf(path)}: ${message}`,
  }))
  const [first] = issues
  const field = first?.path.join('.') || 'the document'
  const line = yaml.lineOf(first?.path ?? [])
  return new PlatformError(source.code, `${source.file} line ${line}, ${field}: ${first?.message}.`, { errors })
}

/** Findings of a schema as fields: of a choice the nearest form, of a wrong or unknown key the key itself. */
export function issuesOf(error: z.ZodError): FieldIssue[] {
  return error.issues.flatMap((issue) => fieldIssues(issue, []))
}

function fieldIssues(issue: z.core.$ZodIssue, above: FieldPath): FieldIssue[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'this field is not known here' }))
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }]
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }]
  const forms = issue.errors.filter(([first]) => first && !(first.code === 'invalid_type' && first.path.length === 0))
  const nearest = forms.toSorted((a, b) => a.length - b.length)[0]
  return nearest?.flatMap((inner) => fieldIssues(inner, path)) ?? [{ path, message: issue.message }]
}

function documentOf({ value, lines, hasAlias }: ParsedDocument): YamlDocument {
  return { value, hasAlias, lineOf: (path) => lineOf(lines, path) }
}

function lineOf(tree: LineTree, [key, ...rest]: FieldPath): number {
  const part = key === undefined ? undefined : tree.parts?.get(key)
  return part ? lineOf(part, rest) : tree.line
}

function at(source: YamlSource, line: number, message: string): PlatformError {
  return new PlatformError(source.code, `${source.file} line ${line}: ${message.replace(/\.$/, '')}.`)
}
