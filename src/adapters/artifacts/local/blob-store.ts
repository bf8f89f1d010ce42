import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { PlatformError } from '#errors/platform-error.ts'
import { checkedContent } from '#lib/oci/checked-content.ts'
import { syncFolder } from './sync-folder.ts'

export type BlobStore = ReturnType<typeof blobStore>

/** Files named after the SHA-256 of what they hold. A file appears whole and checked, or not at all. */
export function blobStore(folder: string) {
  const pathOf = (digest: string) => join(folder, digest.slice('sha256:'.length))
  const has = async (digest: string) => (await stat(pathOf(digest)).catch(absent)) !== undefined
  const read = async (digest: string): Promise<Readable> => {
    if (!(await has(digest))) throw new PlatformError('ARTIFACT_UNKNOWN', `the store has nothing under ${digest}`)
    const file = createReadStream(pathOf(digest), { highWaterMark: 1 << 20 })
    const checked = checkedContent(digest, 'on disk')
    file.on('error', (error) => checked.destroy(error))
    return file.pipe(checked)
  }
  return {
    has,
    /** The stream fails at its end when the stored bytes do not match: act on them only after that. */
    read,
    bytes: async (digest: string): Promise<Buffer> => buffer(await read(digest)),
    async put(digest: string, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
      if (await has(digest)) return drop(content)
      await mkdir(folder, { recursive: true })
      const draft = join(folder, `.${randomUUID()}.new`)
      try {
        await writeChecked(draft, digest, content)
        await rename(draft, pathOf(digest))
        await syncFolder(folder)
      } finally {
        await rm(draft, { force: true })
      }
    },
    /** Removes what writers that were killed left behind. Call before any writer of this process starts. */
    async sweep(): Promise<void> {
      const names = await readdir(folder).catch(() => [])
      for (const name of names) if (name.startsWith('.')) await rm(join(folder, name), { force: true })
    },
  }
}

async function writeChecked(
  path: string,
  digest: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o444)
  try {
    for await (const chunk of content) {
      hash.update(chunk)
      await file.write(chunk)
    }
    if (`sha256:${hash.digest('hex')}` !== digest)
      throw new PlatformError('ARTIFACT_CORRUPT', `what was given to be stored is not ${digest}`)
    await file.sync()
  } finally {
    await file.close()
  }
}

function drop(content: unknown): void {
  if (content instanceof Readable) content.destroy()
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
