import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'

/** The same caps as unpacking has, so that what is handed over here can be started everywhere. */
const limits = { bytes: 200_000_000, entries: 20_000 }
const keptMs = 7 * 24 * 3_600_000

export interface OutputFile {
  readonly path: string
  readonly file: string
  readonly size: number
  readonly executable: boolean
  readonly sha256: string
}

export type OutputStore = ReturnType<typeof outputStore>

/** Folders that builds handed over, by digest of their content. Nothing that runs a pipeline can enter the store. */
export function outputStore(folder: string) {
  const pathOf = (digest: string) => join(folder, digest.slice('sha256:'.length))
  return {
    has: async (digest: string) => (await stat(pathOf(digest)).catch(() => undefined)) !== undefined,
    /** Copies regular files only; a link, a device or too much is IMAGE_INVALID. The source must have no running process. */
    async collect(source: string): Promise<{ digest: string; files: readonly string[] }> {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const draft = join(folder, `.${randomUUID()}`)
      try {
        const files = await walk(source, draft)
        const digest = digestOfFiles(files)
        await rename(draft, pathOf(digest)).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
        })
        return { digest, files: files.map(({ path }) => path) }
      } finally {
        await rm(draft, { recursive: true, force: true })
      }
    },
    /** The files of a digest, each read again and checked. */
    async open(digest: string): Promise<readonly OutputFile[]> {
      if (!(await stat(pathOf(digest)).catch(() => undefined)))
        throw new PlatformError('ARTIFACT_UNKNOWN', `no build handed over ${digest}`, { hint: 'run the build again' })
      const files = await walk(pathOf(digest))
      if (digestOfFiles(files) !== digest)
        throw new PlatformError('ARTIFACT_CORRUPT', `the folder ${digest} was changed on disk`)
      return files
    },
    async sweep(): Promise<void> {
      for (const name of await readdir(folder).catch(() => [])) {
        const { mtimeMs } = await stat(join(folder, name))
        if (name.startsWith('.') || Date.now() - mtimeMs > keptMs)
          await rm(join(folder, name), { recursive: true, force: true })
      }
    },
  }
}

function digestOfFiles(files: readonly OutputFile[]): string {
  const lines = files.map(({ path, sha256, size, executable }) => JSON.stringify([path, sha256, size, executable]))
  return `sha256:${createHash('sha256').update(lines.join('\n')).digest('hex')}`
}

async function walk(source: string, copyTo?: string): Promise<OutputFile[]> {
  const found: OutputFile[] = []
  const names = new Set<string>()
  let bytes = 0
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(source, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name
      const folded = path.normalize('NFC').toLowerCase()
      if (names.has(folded)) throw invalid(`${path} exists twice, in different case`)
      if (names.add(folded).size > limits.entries)
        throw invalid(`there are more than ${limits.entries} files and folders`)
      if (entry.name.startsWith('.wh.')) throw invalid(`${path} has a name that images use to delete files`)
      if (entry.isDirectory()) await visit(path)
      else if (!entry.isFile())
        throw invalid(`${path} is ${entry.isSymbolicLink() ? 'a symbolic link' : 'not a regular file'}`)
      else {
        const file = await readOne(
          { file: join(source, path), path, left: limits.bytes - bytes },
          copyTo && join(copyTo, path),
        )
        bytes += file.size
        found.push(file)
      }
    }
  }
  await visit('')
  if (found.length === 0) throw invalid('it has no file')
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function readOne(
  { file, path, left }: { file: string; path: string; left: number },
  copy: string | undefined,
): Promise<OutputFile> {
  const from = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const about = await from.stat()
    if (!about.isFile() || about.nlink > 1) throw invalid(`${path} is a hard link or not a regular file`)
    if (about.size > left) throw invalid(`it is larger than ${limits.bytes / 1e6} MB`)
    const executable = (about.mode & 0o100) !== 0
    const hash = createHash('sha256')
    if (copy) await mkdir(dirname(copy), { recursive: true })
    const to = copy ? await open(copy, 'wx', executable ? 0o755 : 0o644) : undefined
    let size = 0
    try {
      for await (const chunk of from.createReadStream({ autoClose: false, highWaterMark: 1 << 18 })) {
        size += (chunk as Buffer).length
        if (size > left) throw invalid(`it is larger than ${limits.bytes / 1e6} MB`)
        hash.update(chunk as Buffer)
        await to?.write(chunk as Buffer)
      }
    } finally {
      await to?.close()
    }
    return { path, file, size, executable, sha256: hash.digest('hex') }
  } finally {
    await from.close()
  }
}

function invalid(words: string): PlatformError {
  return new PlatformError('IMAGE_INVALID', `the output folder cannot become an image: ${words}`)
}
