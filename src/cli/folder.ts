import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { parseAllDocuments } from 'yaml'
import type { Output } from './output.ts'

/** The service named on the command line, else the one whose repository this folder belongs to. */
export async function serviceFrom(given: string | undefined, out: Output): Promise<string> {
  if (given) return given
  const found = await serviceOfFolder(process.cwd())
  if (!found)
    throw new PlatformError('USAGE', 'say which service', { hint: 'name it, or run this inside its repository' })
  out.note(`service ${found.name}, from ${found.file}`)
  return found.name
}

/** Reads score.yaml, else catalog-info.yaml, of this folder or the nearest one above that has one. */
async function serviceOfFolder(folder: string): Promise<{ name: string; file: string } | undefined> {
  for (const file of [join(folder, 'score.yaml'), join(folder, 'catalog-info.yaml')]) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const name = namesIn(text).find((one) => typeof one === 'string')
    return typeof name === 'string' ? { name, file } : undefined
  }
  return dirname(folder) === folder ? undefined : serviceOfFolder(dirname(folder))
}

/** Of the workload, or of the components that a catalog file describes; what cannot be read names nothing. */
function namesIn(text: string): unknown[] {
  const documents = parseAllDocuments(text).map(
    (one) => one.toJS({ maxAliasCount: 0 }) as { kind?: unknown; metadata?: { name?: unknown } } | null,
  )
  return documents
    .filter((one) => one?.kind === undefined || one.kind === 'Component')
    .map((one) => one?.metadata?.name)
}
