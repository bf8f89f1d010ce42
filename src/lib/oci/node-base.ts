import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import { PlatformError } from '#errors/platform-error.ts'
import { type Layer, writeLayer } from './layer.ts'
import type { TarEntry } from './tar.ts'

const run = promisify(execFile)

export interface NodeBase {
  /** Goes into the annotation `dev.fairway.base`; who reads it may start the image under its own Node of this version. */
  readonly name: string
  readonly os: string
  readonly architecture: string
  /** Absent where no Linux base can be made (macOS): such an image runs in the embedded runtime only. */
  readonly layer: Layer | undefined
}

/** Annotation and label that name Fairway's own base, as `node-24.21.0`. */
export const baseLabel = 'dev.fairway.base'

/** What an image made by this process says in `dev.fairway.base`. */
export const baseName = `node-${process.versions.node}`

const building = new Map<string, Promise<Layer>>()

/** The layer with Node.js and the libraries it needs, made once per Node version and set of libraries, then kept in `cache`. */
export async function nodeBase(cache: string): Promise<NodeBase> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const about = { name: baseName, os: process.platform, architecture }
  if (process.platform !== 'linux') return { ...about, layer: undefined }
  const node = await realpath(process.execPath)
  const files = [{ from: node, to: 'usr/local/bin/node' }, ...(await librariesOf(node))]
  const name = `${baseName}-${architecture}-${await fingerprint(files)}`
  const known = building.get(join(cache, name)) ?? makeOnce(cache, name, files)
  building.set(join(cache, name), known)
  known.catch(() => building.delete(join(cache, name)))
  return { ...about, layer: await known }
}

async function makeOnce(cache: string, name: string, files: readonly Copy[]): Promise<Layer> {
  const note = join(cache, `${name}.json`)
  const kept = await readFile(note, 'utf8').catch(() => undefined)
  if (kept !== undefined) {
    const layer = JSON.parse(kept) as Layer
    if ((await stat(layer.file).catch(() => undefined))?.size === layer.size) return layer
  }
  await mkdir(cache, { recursive: true })
  const layer = await writeLayer(await entriesOf(files), { file: join(cache, `${name}.tar.gz`), mtime: 0, gzip: true })
  const draft = `${note}.${randomUUID()}.new`
  await writeFile(draft, JSON.stringify(layer))
  await rename(draft, note)
  return layer
}

interface Copy {
  readonly from: string
  readonly to: string
}

// ldd names what is linked; name resolution is loaded at run time by glibc and hence listed by hand where it exists.
async function librariesOf(node: string): Promise<Copy[]> {
  const { stdout } = await run('ldd', [node], { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' } })
  const linked = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path)
  if (linked.length === 0) throw new PlatformError('ENGINE_MISSING', 'ldd does not say which libraries Node.js needs')
  const libc = linked.find((path) => /\/libc\.so/.test(path))
  const loaded = libc
    ? ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map((name) => join(dirname(libc), name))
    : []
  const found = await Promise.all(
    loaded.map((path) =>
      stat(path).then(
        () => path,
        () => undefined,
      ),
    ),
  )
  const all = [...new Set([...linked, ...found.filter((path) => path !== undefined)])]
  return Promise.all(all.map(async (path) => ({ from: await realpath(path), to: path.slice(1) })))
}

async function fingerprint(files: readonly Copy[]): Promise<string> {
  const hash = createHash('sha256').update('base-1')
  for (const { from, to } of files) {
    const { size, mtimeMs } = await stat(from)
    hash.update(`\0${to}\0${size}\0${mtimeMs}`)
  }
  return hash.digest('hex').slice(0, 16)
}

async function entriesOf(files: readonly Copy[]): Promise<TarEntry[]> {
  const own = { uid: 0, gid: 0 }
  const copied = await Promise.all(
    files.map(async ({ from, to }) => {
      const { size } = await stat(from)
      return { path: to, content: { file: from, size }, mode: 0o755, ...own }
    }),
  )
  const written = Object.entries(etc).map(([path, text]) => ({ path, content: Buffer.from(text), mode: 0o644, ...own }))
  const all = [...copied, ...written]
  const folders = new Set(['tmp', 'app', 'var', 'run', ...all.flatMap(({ path }) => parentsOf(path))])
  const made = [...folders].map((path) => ({ path, mode: path === 'tmp' ? 0o1777 : 0o755, ...own }))
  return [...made, ...all]
}

// The certificates are the ones compiled into this Node, not the machine's: the same layer everywhere, no company's own.
const etc = {
  'etc/passwd': 'root:x:0:0:root:/:/sbin/nologin\napp:x:10001:10001:app:/app:/sbin/nologin\n',
  'etc/group': 'root:x:0:\napp:x:10001:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/ssl/certs/ca-certificates.crt': `${rootCertificates.join('\n')}\n`,
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}
