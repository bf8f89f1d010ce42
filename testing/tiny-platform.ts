import { cp, mkdir } from 'node:fs/promises'
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

/**
 * Puts the Node base of images into a folder: making it takes seconds, and it is the same for every test of this machine.
 * Several processes may be making it at once; what is half written is left out.
 */
export async function lendBase(folder: string): Promise<void> {
  const shared = sharedBases()
  await mkdir(shared, { recursive: true, mode: 0o700 })
  await nodeBase(shared)
  await cp(shared, folder, { recursive: true, filter: (path) => !path.endsWith('.new') })
}

/** Where the tests of this machine keep that base. */
export function sharedBases(): string {
  return join(tmpdir(), `fairway-test-bases-${process.getuid?.() ?? 0}`)
}
