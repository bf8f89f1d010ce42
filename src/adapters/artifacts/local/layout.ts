import type { Manifest } from '#lib/oci/manifest.ts'
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { withFileLock } from './file-lock.ts'
import { type Entry, Index } from './schema.ts'
import { syncFolder } from './sync-folder.ts'

const tagKey = 'org.opencontainers.image.ref.name'
const subjectKey = 'dev.fairway.subject'

export interface NewManifest {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly manifest: Manifest
  readonly tags: readonly string[]
}

/** One repository as an OCI image layout (image-spec 1.1): `oci-layout`, `index.json`, and `blobs`, a link to the shared blobs. */
export function openLayout({ folder, name }: { folder: string; name: string }) {
  const home = join(folder, 'repositories', ...name.split('/'), '_layout')
  const read = () => readIndex(home)
  return {
    async add(fresh: NewManifest): Promise<void> {
      await prepare(home, join(folder, 'blobs'))
      await withFileLock(join(home, 'index.lock'), async () => {
        const { manifests, ...rest } = await read()
        await writeWhole(home, 'index.json', JSON.stringify({ ...rest, manifests: withManifest(manifests, fresh) }))
      })
    },
    async find(reference: string): Promise<Entry | undefined> {
      const { manifests } = await read()
      return manifests.find((entry) => entry.digest === reference || entry.annotations?.[tagKey] === reference)
    },
    async tags(): Promise<{ tag: string; digest: string }[]> {
      const { manifests } = await read()
      return manifests.flatMap(({ digest, annotations }) => {
        const tag = annotations?.[tagKey]
        return tag === undefined ? [] : [{ tag, digest }]
      })
    },
    async referrers(subject: string): Promise<{ digest: string; artifactType: string }[]> {
      const { manifests } = await read()
      const found = manifests.filter(({ annotations }) => annotations?.[subjectKey] === subject)
      const types = new Map(found.map(({ digest, artifactType }) => [digest, artifactType ?? '']))
      return [...types].map(([digest, artifactType]) => ({ digest, artifactType }))
    },
  }
}

// A descriptor carries one tag; a manifest with two tags is listed twice, one without any once.
function withManifest(known: readonly Entry[], { tags, manifest, ...descriptor }: NewManifest): Entry[] {
  const subject: Record<string, string> = manifest.subject ? { [subjectKey]: manifest.subject.digest } : {}
  const artifactType = manifest.artifactType ?? (manifest.subject ? manifest.config.mediaType : undefined)
  const entry = (annotations: Record<string, string>): Entry => ({
    ...descriptor,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  })
  const kept = known.map((old) => (tags.includes(old.annotations?.[tagKey] ?? '') ? untagged(old) : old))
  const all = [...kept, ...tags.map((tag) => entry({ ...subject, [tagKey]: tag })), entry(subject)]
  const listed = new Set(
    all.filter(({ annotations }) => annotations?.[tagKey] !== undefined).map(({ digest }) => digest),
  )
  const once = new Map<string, Entry>()
  for (const one of all) {
    const tag = one.annotations?.[tagKey]
    if (tag !== undefined || !listed.has(one.digest)) once.set(`${one.digest} ${tag ?? ''}`, one)
  }
  return [...once.values()]
}

function untagged(entry: Entry): Entry {
  const { [tagKey]: _tag, ...annotations } = entry.annotations ?? {}
  const { annotations: _old, ...rest } = entry
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
}

async function readIndex(home: string): Promise<Index> {
  const text = await readFile(join(home, 'index.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined)
    return { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] }
  return Index.parse(JSON.parse(text))
}

async function prepare(home: string, blobs: string): Promise<void> {
  await mkdir(home, { recursive: true })
  await mkdir(blobs, { recursive: true })
  await symlink(relative(home, blobs), join(home, 'blobs')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await writeWhole(home, 'oci-layout', '{"imageLayoutVersion":"1.0.0"}')
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const draft = join(folder, `.${name}.${randomUUID()}`)
  try {
    const file = await open(draft, 'wx', 0o644)
    await file.writeFile(text)
    await file.sync()
    await file.close()
    await rename(draft, join(folder, name))
    await syncFolder(folder)
  } finally {
    await rm(draft, { force: true })
  }
}
