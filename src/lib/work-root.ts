import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, chown, copyFile, cp, link, mkdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import { sha256OfFile } from './digest.ts'
import { type ChildName, type Isolation, identityFor } from './isolation.ts'

/** Where children's folders live. Another user id may pass through it, and enters only the folders given to it. */
export interface WorkRoot {
  readonly path: string
  /** A folder under the root that belongs to the child named `as` and to nobody else (0700); made when absent. */
  ownedFolder(name: string, as?: ChildName): Promise<string>
  /** A folder of the platform that children may read and never write (0755). */
  sharedFolder(name: string): Promise<string>
  /** A folder of the platform that no child may enter (0700). */
  privateFolder(name: string): Promise<string>
  /** Gives an existing path under the root to the child named `as`. */
  give(path: string, as?: ChildName): Promise<void>
}

/** The programs children run: the pinned Node and npm, reachable by the child's user. */
export interface Toolchain {
  /** First entry of a child's PATH: `node`, `npm`, `npx`. */
  readonly bin: string
  readonly node: string
  readonly npmCli: string
  readonly nodeVersion: string
  /** Folders a sandbox must show (read-only) for these programs to start. */
  readonly readable: readonly string[]
}

/** As root the root lies outside `data`, which other users cannot enter; else inside. `state` is for tests. */
export async function openWorkRoot(
  data: string,
  isolation: Isolation,
  state = '/var/lib/fairway-work',
): Promise<WorkRoot> {
  const hash = createHash('sha256').update(resolve(data)).digest('hex').slice(0, 16)
  const wanted = isolation.uid === undefined ? join(data, 'work') : join(state, hash)
  await mkdir(wanted, { recursive: true, mode: 0o711 })
  const path = await realpath(wanted)
  await chmod(path, 0o711)
  const give = async (target: string, as?: ChildName) => {
    const { uid, gid } = identityFor(isolation, as)
    if (uid !== undefined && gid !== undefined) await chown(target, uid, gid)
  }
  return {
    path,
    give,
    async ownedFolder(name, as) {
      const { uid } = identityFor(isolation, as)
      const found = await stat(join(path, name)).catch(() => undefined)
      // what another user left, from before its id changed, the new one could neither read nor replace
      if (found && uid !== undefined && found.uid !== uid) await rm(join(path, name), { recursive: true, force: true })
      const folder = await inside(path, name, 0o700)
      await give(folder, as)
      return folder
    },
    sharedFolder: (name) => inside(path, name, 0o755),
    privateFolder: (name) => inside(path, name, 0o700),
  }
}

/** Finds Node (the one that runs us) and npm; copies what the child's user could not reach, verified, under the root. */
export async function openToolchain(root: WorkRoot, isolation: Isolation): Promise<Toolchain> {
  const tools = await root.sharedFolder(`tools/node-${process.version}-${process.platform}-${process.arch}`)
  const bin = await root.sharedFolder(`${tools.slice(root.path.length + 1)}/bin`)
  const node = join(bin, 'node')
  await placeBinary(await realpath(process.execPath), node)
  const npm = await placeNpm(await findNpm(), join(tools, 'npm'), isolation)
  await placeLink(join(npm, 'bin/npm-cli.js'), join(bin, 'npm'))
  await placeLink(join(npm, 'bin/npx-cli.js'), join(bin, 'npx'))
  const readable = npm.startsWith(tools) ? [tools] : [tools, npm]
  return { bin, node, npmCli: join(npm, 'bin/npm-cli.js'), nodeVersion: process.version, readable }
}

async function inside(root: string, name: string, mode: number): Promise<string> {
  const folder = resolve(root, name)
  if (!folder.startsWith(`${root}/`)) throw new PlatformError('INTERNAL', `${name} leaves the work folder`)
  for (const parent of parentsBetween(root, folder)) {
    await mkdir(parent, { mode: 0o711 }).catch(ignoreExisting)
  }
  await mkdir(folder, { mode }).catch(ignoreExisting)
  await chmod(folder, mode)
  return folder
}

function parentsBetween(root: string, folder: string): string[] {
  const parent = dirname(folder)
  return parent === root ? [] : [...parentsBetween(root, parent), parent]
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

// A hard link costs nothing and is the same inode, hence verified by itself; across devices it is a checked copy.
async function placeBinary(source: string, target: string): Promise<void> {
  const [from, at] = await Promise.all([stat(source), stat(target).catch(() => undefined)])
  if (at && at.size === from.size && (at.ino === from.ino || (await sameContent(source, target)))) return
  const fresh = `${target}.${process.pid}`
  await rm(fresh, { force: true })
  await linkOrCopy(source, fresh)
  if (!(await sameContent(source, fresh)))
    throw new PlatformError('INTERNAL', 'the copy of the Node binary differs from its source')
  await rename(fresh, target)
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  const from = await stat(source)
  const worldRuns = (from.mode & 0o005) === 0o005
  const ours = process.getuid === undefined || from.uid === process.getuid()
  if (worldRuns && ours) {
    try {
      return await link(source, target)
    } catch {
      // another device, or a file system without hard links: copied below
    }
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE)
  await chmod(target, 0o755)
}

async function sameContent(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other)])
  return (a.ino === b.ino && a.dev === b.dev) || (await sha256OfFile(one)) === (await sha256OfFile(other))
}

async function findNpm(): Promise<string> {
  const folder = dirname(await realpath(process.execPath))
  const places = ['../../npm', '../lib/node_modules/npm', './node_modules/npm'].map((place) => resolve(folder, place))
  for (const place of places) {
    if (await stat(join(place, 'bin/npm-cli.js')).catch(() => undefined)) return realpath(place)
  }
  throw new PlatformError('ENGINE_MISSING', 'npm was not found beside the pinned Node', {
    hint: 'npm run setup puts it there',
  })
}

async function placeNpm(source: string, target: string, isolation: Isolation): Promise<string> {
  if (isolation.uid === undefined || (await othersCanReach(source))) return source
  if (await stat(join(target, 'bin/npm-cli.js')).catch(() => undefined)) return target
  const fresh = `${target}.${process.pid}`
  await cp(source, fresh, { recursive: true })
  await rename(fresh, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return target
}

async function othersCanReach(path: string): Promise<boolean> {
  const { mode } = await stat(path)
  if ((mode & 0o001) === 0) return false
  return dirname(path) === path ? true : othersCanReach(dirname(path))
}

async function placeLink(to: string, at: string): Promise<void> {
  const fresh = `${at}.${process.pid}`
  await rm(fresh, { force: true })
  await symlink(to, fresh)
  await rename(fresh, at)
}
