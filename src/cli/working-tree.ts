import { lstat, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { namesIn } from './names-in.ts'

export interface WorkingTree {
  readonly folder: string
  readonly service: string
  /** Where the name was read. */
  readonly from: string
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

const single = ['catalog-info.yaml', 'score.yaml', '.fairway/pipeline.yaml'] as const
const folders = ['.fairway/environments', 'helm', 'kustomize'] as const
/** A request takes 1 MiB. */
const mostBytes = 950_000

/** The files that a release is made from, as they lie in this folder or the nearest service folder above. Links are not followed. */
export async function readWorkingTree(start: string): Promise<WorkingTree> {
  const folder = await serviceFolder(start)
  const below = await Promise.all(folders.map((name) => pathsBelow(folder, name)))
  const found = await Promise.all(
    [...single, ...below.flat()].map(async (path) => ({ path, content: await textOf(join(folder, path)) })),
  )
  const files = found.flatMap(({ path, content }) => (content === undefined ? [] : [{ path, content }]))
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  if (bytes > mostBytes || files.length > 300)
    throw new PlatformError(
      'USAGE',
      `${folder} holds ${files.length} files of ${bytes} bytes; a release takes 300 and 950 kB`,
    )
  return { folder, ...(await nameOf(files)), files }
}

async function serviceFolder(start: string): Promise<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    const texts = await Promise.all([textOf(join(folder, 'catalog-info.yaml')), textOf(join(folder, 'score.yaml'))])
    if (texts.some((text) => text !== undefined)) return folder
    if (dirname(folder) === folder)
      throw new PlatformError('USAGE', `${start} is not in a service’s folder`, {
        hint: 'run this beside catalog-info.yaml, or name the folder',
      })
  }
}

async function nameOf(files: WorkingTree['files']): Promise<Pick<WorkingTree, 'service' | 'from'>> {
  for (const path of ['score.yaml', 'catalog-info.yaml']) {
    const text = files.find((file) => file.path === path)?.content ?? ''
    const name = (await namesIn(text)).find((one) => /^[a-z0-9-]{1,63}$/.test(one))
    if (name !== undefined) return { service: name, from: path }
  }
  throw new PlatformError('USAGE', 'neither score.yaml nor catalog-info.yaml gives the service a name', {
    hint: 'write metadata.name',
  })
}

async function textOf(file: string): Promise<string | undefined> {
  const info = await lstat(file).catch(() => undefined)
  return info?.isFile() ? readFile(file, 'utf8') : undefined
}

async function pathsBelow(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(join(folder, name), { withFileTypes: true, recursive: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => name !== '.fairway/environments' || /^[^/]+\/[^/]+\/[a-z0-9-]+\.yaml$/.test(path))
    .toSorted()
}
