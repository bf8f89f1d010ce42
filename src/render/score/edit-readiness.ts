import { isDeepStrictEqual } from 'node:util'
import { codeOf } from '#errors/platform-error.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { parseScore } from './parse-score.ts'
import type { Score } from './schema.ts'

/** A path that no service answers with ready. */
export const unreadyPath = '/not-ready-on-purpose'

/**
 * score.yaml with another readiness path, everything else byte for byte as it was. Undefined when no container is asked
 * over HTTP, or where that one path cannot be changed without anything else.
 */
export function withReadinessPath(
  text: string,
  path: string,
): { readonly text: string; readonly before: string; readonly container: string } | undefined {
  const score = parseScore(text)
  const [container] = Object.entries(score.containers).find(([, one]) => one.readinessProbe?.httpGet) ?? []
  const before = container && readinessOf(score, container)?.path
  if (container === undefined || before === undefined) return undefined
  const place = ['containers', container, 'readinessProbe', 'httpGet', 'path']
  const line = readYaml(text, { code: 'SCORE_INVALID', file: 'score.yaml' })[0]?.lineOf(place) ?? 0
  const lines = text.split('\n')
  const edited = lines
    .map((one, index) => (index + 1 === line ? one.replace(/(\bpath: *)("[^"]*"|'[^']*'|[^\s,}]+)/, `$1${path}`) : one))
    .join('\n')
  return isOnlyChange(score, edited, { container, path }) ? { text: edited, before, container } : undefined
}

/** What the edit did is looked at, not trusted: a line may hold more than one path. */
function isOnlyChange(before: Score, text: string, { container, path }: { container: string; path: string }): boolean {
  const wanted = structuredClone(before)
  const probe = readinessOf(wanted, container)
  if (!probe) return false
  probe.path = path
  return isDeepStrictEqual(wanted, readableScore(text))
}

function readableScore(text: string): Score | undefined {
  try {
    return parseScore(text)
  } catch (error) {
    if (codeOf(error) === 'SCORE_INVALID') return undefined
    throw error
  }
}

function readinessOf(score: Score, container: string) {
  return score.containers[container]?.readinessProbe?.httpGet
}
