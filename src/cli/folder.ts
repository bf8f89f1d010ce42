import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { parse } from 'yaml'
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

/** Reads score.yaml of this folder or the nearest one above. */
async function serviceOfFolder(folder: string): Promise<{ name: string; file: string } | undefined> {
  const file = join(folder, 'score.yaml')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) {
    const name = (parse(text, { maxAliasCount: 0 }) as { metadata?: { name?: unknown } } | null)?.metadata?.name
    return typeof name === 'string' ? { name, file } : undefined
  }
  return dirname(folder) === folder ? undefined : serviceOfFolder(dirname(folder))
}
