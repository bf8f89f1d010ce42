import { rawChanges } from '#lib/git/diff-trees.ts'
import { readBlobs } from '#lib/git/blobs.ts'
import { listTree } from '#lib/git/trees.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { type FieldDifference, mostFields } from '#model/drift.ts'
import type { Platform } from '../platform.ts'
import type { PastPlatform } from './past-platform.ts'

/** What differs field by field between the approved state of a path and Git's newest. Of secrets only that they differ. */
export async function gitFields(
  platform: Platform,
  { approved, main, path }: PastPlatform,
): Promise<readonly FieldDifference[]> {
  const repo = { dir: platform.objects }
  const below = (file: string) => file === path || file.startsWith(`${path}/`)
  const changed = approved
    ? (await rawChanges(repo, { from: approved, to: main })).filter((change) => below(change.path))
    : (await listTree(repo, main, path)).map(({ path: file, id }) => ({ path: file, sides: { before: '', after: id } }))
  const fields: FieldDifference[] = []
  for (const { path: file, sides } of changed.slice(0, mostFields)) {
    const [before, after] = await Promise.all([textOf(platform, sides.before), textOf(platform, sides.after)])
    fields.push(...fileDifferences(file.slice(path.length + 1) || file, { before, after }))
  }
  return fields.slice(0, mostFields)
}

/** The differences of one file: of YAML field by field, of anything else that it differs. */
export function fileDifferences(
  file: string,
  { before, after }: { before: string | undefined; after: string | undefined },
): FieldDifference[] {
  const [wanted, live] = [before, after].map((text) => (text === undefined ? undefined : fieldsOf(file, text)))
  if (before === undefined) return [{ field: file, live: 'a file of its own' }]
  if (after === undefined) return [{ field: file, wanted: 'the file' }]
  if (!wanted || !live)
    return [{ field: file, wanted: 'as approved', live: live ? 'changed' : 'changed; it cannot be read' }]
  const names = [...new Set([...wanted.keys(), ...live.keys()])]
  const different = names.filter((name) => wanted.get(name) !== live.get(name))
  if (different.length === 0)
    return [{ field: file, wanted: 'as approved', live: 'written differently, with the same fields' }]
  return different.map((field) => ({
    field,
    ...shown('wanted', field, wanted.get(field)),
    ...shown('live', field, live.get(field)),
  }))
}

function shown(side: 'wanted' | 'live', field: string, value: string | undefined) {
  if (value === undefined) return {}
  return { [side]: isSecret(field) ? 'not shown' : value.slice(0, 200) }
}

/** Nothing secret belongs into Git; who came past the platform may have put it there all the same. */
function isSecret(field: string): boolean {
  return /^Secret\/|passw|secret|token|credential|private|api_?key/i.test(field)
}

/** Every value of a file by its path; undefined when it cannot be read. */
function fieldsOf(file: string, text: string): Map<string, string> | undefined {
  const fields = new Map<string, string>()
  try {
    for (const { value } of readYaml(text, { code: 'SETTINGS_INVALID', file }))
      flatten(value, nameOf(value, file), fields)
    return fields
  } catch {
    return undefined
  }
}

function nameOf(value: unknown, file: string): string {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown } }
  return typeof kind === 'string' && typeof metadata?.name === 'string' ? `${kind}/${metadata.name} ` : `${file} `
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    into.set(path.trimEnd(), String(value))
    return
  }
  const parts = Array.isArray(value)
    ? value.map((one, index) => [`[${labelOf(one) ?? index}]`, one] as const)
    : Object.entries(value).map(([key, one]) => [path.endsWith(' ') ? key : `.${key}`, one] as const)
  for (const [part, one] of parts) flatten(one, `${path}${part}`, into)
}

/** Lists of named things are compared by name, so that one more at the front is one difference. */
function labelOf(value: unknown): string | undefined {
  const name = (value as { name?: unknown } | null)?.name
  return typeof name === 'string' ? name : undefined
}

async function textOf(platform: Platform, id: string): Promise<string | undefined> {
  if (id === '' || /^0+$/.test(id)) return undefined
  const [content] = await readBlobs({ dir: platform.objects }, [id])
  return content?.toString('utf8').slice(0, 500_000)
}
