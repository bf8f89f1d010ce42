import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PlatformError } from '#errors/platform-error.ts'
import type { Asking } from './command.ts'
import { namesIn } from './names-in.ts'
import type { Output } from './output.ts'

interface Sources {
  readonly server: string
  readonly ask: Asking
  readonly out: Output
  /** Services of the platform, to choose from. */
  readonly services: () => Promise<readonly string[]>
}

/** The service named on the command line, else the one whose repository this folder belongs to, else the one chosen. */
export async function serviceOf(given: string | undefined, { server, ask, out, services }: Sources): Promise<string> {
  if (given) return given
  const found = (await serviceOfFolder(process.cwd())) ?? (await serviceOfRemote(process.cwd(), server))
  if (found) {
    out.note(`service ${found.name}, from ${found.from}`)
    return found.name
  }
  const known = ask.canAsk ? await services() : []
  if (known.length > 0) return ask.choose('which service', known)
  throw new PlatformError('USAGE', 'say which service', { hint: 'name it, or run this inside its repository' })
}

interface Found {
  readonly name: string
  readonly from: string
}

/** Reads score.yaml, else catalog-info.yaml, of this folder or the nearest one above that has one. */
async function serviceOfFolder(folder: string): Promise<Found | undefined> {
  for (const from of [join(folder, 'score.yaml'), join(folder, 'catalog-info.yaml')]) {
    const text = await readFile(from, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const [name] = await namesIn(text)
    return name === undefined ? undefined : { name, from }
  }
  return dirname(folder) === folder ? undefined : serviceOfFolder(dirname(folder))
}

/** Of a clone of this server: `/git/team-a/shop.git` is shop's. Another host's addresses say nothing about services. */
async function serviceOfRemote(folder: string, server: string): Promise<Found | undefined> {
  const argv = ['-C', folder, 'config', '--get', 'remote.origin.url']
  const { stdout } = await promisify(execFile)('git', argv).catch(() => ({ stdout: '' }))
  const from = stdout.trim()
  if (!from.startsWith(`${server}/git/`)) return undefined
  const [, owner, name] = /^\/([a-z0-9-]+)\/([a-z0-9-]+)\.git$/.exec(from.slice(`${server}/git`.length)) ?? []
  return owner !== undefined && owner !== 'fairway' && name !== undefined ? { name, from } : undefined
}
