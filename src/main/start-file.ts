import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import type { Adapters } from '#model/adapters.ts'
import { type PlatformFile, readPlatformFile } from '#workflows/settings.ts'

const shipped = join(import.meta.dirname, '../../seed/fairway.yaml')

/** The fairway.yaml that this process starts with. */
export interface StartFile {
  readonly path: string
  /** Goes into the platform repository when that is made. */
  readonly text: string
  /** What this process connects to until it ends, whatever the platform repository says later. */
  readonly adapters: Adapters
  /** Ways out for notifications; none when left out. */
  readonly notifications?: PlatformFile['spec']['notifications']
}

/** A start-up file by its path. */
export async function openStartFile(path: string): Promise<StartFile> {
  return readStartFile({ FAIRWAY_CONFIG: path })
}

/** FAIRWAY_CONFIG, else the file that ships. SETTINGS_INVALID names file and field. */
export async function readStartFile({ FAIRWAY_CONFIG: given }: NodeJS.ProcessEnv = process.env): Promise<StartFile> {
  const path = given ? resolve(given) : shipped
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const message = `${path} cannot be read (${cause.code ?? 'unknown'})`
    throw new PlatformError('SETTINGS_INVALID', message, { hint: 'FAIRWAY_CONFIG names the fairway.yaml', cause })
  })
  await admitYaml(text)
  const { adapters, notifications } = readPlatformFile(text, path).spec
  return { path, text, adapters, notifications }
}
