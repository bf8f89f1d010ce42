import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { TarEntry } from '#lib/oci/tar.ts'
import { runtimePackages } from './packages.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const own = { uid: 0, gid: 0 }

/** What the product reads while it runs. Everything that is a test, a tool or a source of the portal stays out. */
const shipped = ['src', 'policies', 'templates', 'environments', 'org', 'seed', 'docs', 'portal/dist']

/** The product and its packages below /app, owned by root: the process cannot change them. */
export async function productEntries(): Promise<readonly TarEntry[]> {
  const folders = [...shipped, ...(await runtimePackages(root))]
  const below = (await Promise.all(folders.map((folder) => filesBelow(folder)))).flat()
  const wanted = ['package.json', ...below.filter(isShipped)]
  return withFolders(await Promise.all(wanted.map((path) => fileEntry(join(root, path), `app/${path}`))))
}

function isShipped(path: string): boolean {
  if (/\.(test|contract)\.ts$|\.d\.[cm]?ts$|\.map$|\.png$/.test(path)) return false
  if (path.startsWith('node_modules/')) return !/\/(test|tests|__tests__|man)\//.test(path)
  return !/(^|\/)(node_modules|fixtures)\//.test(path)
}

/**
 * Programs that the control plane and its pipelines start, from this machine: Git, a shell for npm's scripts, bubblewrap
 * for pipelines where the cluster lets it work, and npm. Each comes with the libraries that it names.
 */
export async function programEntries(): Promise<readonly TarEntry[]> {
  const core = (await run('git', ['--exec-path'])).stdout.trim()
  const gitParts = ['git', 'git-remote-http', 'git-remote-https', 'git-http-backend'].map((name) => join(core, name))
  const asked = ['git', 'sh', 'env', 'bwrap', 'prlimit']
  const programs = (await Promise.all(asked.map(findProgram))).flatMap((path) => path ?? [])
  const libraries = await librariesOf([...programs, ...gitParts])
  const files = [
    ...[...programs, ...gitParts, ...libraries].map((path) => ({ from: path, to: path.slice(1) })),
    { from: await realpath('/bin/sh'), to: 'bin/sh' },
    ...(await npmFiles()),
  ]
  const unique = new Map(files.map((file) => [file.to, file.from]))
  const copied = [...unique].map(async ([to, from]) => fileEntry(await realpath(from), to))
  return withFolders([...(await Promise.all(copied)), lddEntry(libraries)])
}

/** The system's own is a script for bash; the base of golden paths' images is made with what this one says. */
function lddEntry(libraries: readonly string[]): TarEntry {
  const loader = libraries.find((path) => /\/ld-linux[^/]*$/.test(path))
  if (!loader) throw new Error('the image needs a Linux with glibc')
  const content = Buffer.from(`#!/bin/sh\nexec ${loader} --list "$@"\n`)
  return { path: 'usr/bin/ldd', content, mode: 0o755, ...own }
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of ['/usr/bin', '/bin']) {
    const path = join(folder, name)
    if (await stat(path).catch(() => undefined)) return path
  }
  if (name === 'git' || name === 'sh') throw new Error(`${name} is not installed here, and the image needs it`)
  return undefined
}

async function librariesOf(programs: readonly string[]): Promise<readonly string[]> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  const said = await Promise.all(programs.map((path) => run('ldd', [path], { env }).catch(() => ({ stdout: '' }))))
  return [
    ...new Set(
      said.flatMap(({ stdout }) => [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path)),
    ),
  ]
}

/** Where the control plane looks for npm: beside its Node.js. */
async function npmFiles(): Promise<readonly { from: string; to: string }[]> {
  const folder = dirname(await realpath(process.execPath))
  const places = ['../../npm', '../lib/node_modules/npm', './node_modules/npm'].map((place) => resolve(folder, place))
  for (const place of places)
    if (await stat(join(place, 'bin/npm-cli.js')).catch(() => undefined))
      return (await filesBelow('.', place)).map((path) => ({
        from: join(place, path),
        to: join('usr/local/lib/node_modules/npm', path),
      }))
  throw new Error('npm was not found beside the pinned Node: npm run setup puts it there')
}

async function filesBelow(folder: string, base = root): Promise<readonly string[]> {
  const entries = await readdir(join(base, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(base.length + 1))
}

async function fileEntry(from: string, to: string): Promise<TarEntry> {
  const { size, mode } = await stat(from)
  return { path: to, content: { file: from, size }, mode: mode & 0o111 ? 0o755 : 0o644, ...own }
}

function withFolders(files: readonly TarEntry[]): readonly TarEntry[] {
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)))
  return [...[...folders].map((path) => ({ path, mode: 0o755, ...own })), ...files]
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}

/** The version of the product, as its package says, with what is in the image of it. */
export async function productVersion(digest: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  return `${version}-${createHash('sha256').update(digest).digest('hex').slice(0, 12)}`
}
