import { isScalar, parseDocument } from 'yaml'
import { parseScore } from './parse-score.ts'

/** A path that no service answers with ready. */
export const unreadyPath = '/not-ready-on-purpose'

/** score.yaml with another readiness path, everything else byte for byte as it was; undefined when no container is asked over HTTP. */
export function withReadinessPath(
  text: string,
  path: string,
): { readonly text: string; readonly before: string; readonly container: string } | undefined {
  const score = parseScore(text)
  const found = Object.entries(score.containers).find(([, { readinessProbe }]) => readinessProbe?.httpGet)
  if (!found) return undefined
  const [container] = found
  const node = parseDocument(text).getIn(['containers', container, 'readinessProbe', 'httpGet', 'path'], true)
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') return undefined
  const [start, end] = node.range
  return { text: `${text.slice(0, start)}${path}${text.slice(end)}`, before: node.value, container }
}
