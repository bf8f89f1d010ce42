import { parseAllDocuments } from 'yaml'
import { fillPlaceholders } from '#render/score/placeholders.ts'
import type { RenderedFile } from '#render/rendered-file.ts'

/** Every JSON, YAML and TOML file of a tree as data, keyed by path. One that does not parse throws. */
export function readStructured(files: readonly RenderedFile[]): Map<string, unknown> {
  return new Map(
    files.flatMap(({ path, content }): [string, unknown][] => {
      if (path.endsWith('.json')) return [[path, JSON.parse(content)]]
      if (/\.ya?ml$/.test(path)) return [[path, readYaml(path, content)]]
      if (path.endsWith('.toml')) return [[path, content.trim().split('\n').map(readTomlLine)]]
      return []
    }),
  )
}

/** As YAML 1.2 and as the 1.1 that Go programs read: an answer must be the same text in both. */
function readYaml(path: string, content: string): unknown {
  return (['1.2', '1.1'] as const).map((version) =>
    parseAllDocuments(content, { version }).map((document) => {
      if (document.errors.length > 0) throw new Error(`${path} is not YAML ${version}`, { cause: document.errors[0] })
      const value = document.toJS() as unknown
      return path === 'score.yaml' ? asScoreReads(value) : value
    }),
  )
}

function readTomlLine(line: string): unknown {
  const equals = line.indexOf('=')
  return [line.slice(0, equals).trim(), JSON.parse(line.slice(equals + 1)) as unknown]
}

/** `$$` is a dollar to Score, and a placeholder is not the text it is written as. */
function asScoreReads(value: unknown): unknown {
  if (typeof value === 'string') return fillPlaceholders(value, (reference) => `<the value of ${reference.join('.')}>`)
  if (Array.isArray(value)) return value.map(asScoreReads)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asScoreReads(item)]))
}
