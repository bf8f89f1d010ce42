import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeBase } from '#lib/oci/node-base.ts'
import { readFolder } from './read-folder.ts'

const checkout = join(import.meta.dirname, '..')

/** The platform repository as shipped, with the tiny golden path in place of the shipped ones. */
export function tinyPlatformFiles(): { path: string; content: string }[] {
  const below = (folder: string, prefix: string) =>
    [...readFolder(folder)]
      .filter(([path]) => !/\.wasm$|(^|\/)node_modules\/|^bundle\.json$/.test(path))
      .map(([path, content]) => ({ path: `${prefix}/${path}`, content }))
  const shipped = ['policies', 'environments', 'org'].flatMap((name) => below(join(checkout, name), name))
  const settings = new Map(readFolder(join(checkout, 'seed'))).get('fairway.yaml') ?? ''
  const path = below(join(checkout, 'testing/golden-path-tiny'), 'templates/tiny')
  return [{ path: 'fairway.yaml', content: settings }, ...shipped, ...path]
}

/** The Node base of images takes seconds to make, and is the same for every test of this machine. */
export async function sharedBase(): Promise<string> {
  const folder = join(tmpdir(), `fairway-test-bases-${process.getuid?.() ?? 0}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await nodeBase(folder)
  return folder
}
