import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { type FieldDifference, mostFields } from '#model/drift.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'

/** Knows how unpacked folders were when they were made, and what became different since. */
export interface Seals {
  /** Notes every file of a folder, unless that was done before. */
  seal(folder: string): Promise<void>
  /** Files that changed, came or went since. The contents of files are never told. */
  broken(folder: string): Promise<readonly FieldDifference[]>
  /** For a folder that is about to be made anew. */
  forget(folder: string): Promise<void>
}

const Entry = z.object({
  /** Digest of the contents, or where a link leads. */
  what: z.string(),
  mode: z.int(),
  /** Size and times: while they are the same nobody reads the file again. */
  marks: z.string(),
})
type Entry = z.infer<typeof Entry>
const Seal = z.record(z.string(), Entry)
type Seal = z.infer<typeof Seal>

/** One file per sealed folder, in a folder that no workload may enter. */
export function sealsIn(folder: string): Seals {
  const known = new Map<string, Seal>()
  const fileOf = (path: string) => join(folder, `${basename(path)}.json`)
  const sealOf = async (path: string) => {
    const seal = known.get(path) ?? (await readJsonFile(fileOf(path), Seal))
    if (seal) known.set(path, seal)
    return seal
  }
  const keep = async (path: string, seal: Seal) => {
    known.set(path, seal)
    await writeJsonFile(fileOf(path), seal)
  }
  return {
    async seal(path) {
      if (!(await sealOf(path))) await keep(path, (await look(path, {})).seal)
    },
    async broken(path) {
      const before = await sealOf(path)
      if (!before) return []
      const now = await look(path, before)
      const fields = differences(before, now.seal)
      if (fields.length === 0 && now.hasNewMarks) await keep(path, now.seal)
      return fields
    },
    async forget(path) {
      known.delete(path)
      await writeJsonFile(fileOf(path), null)
    },
  }
}

async function look(folder: string, before: Seal): Promise<{ seal: Seal; hasNewMarks: boolean }> {
  const seal: Seal = {}
  let hasNewMarks = false
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    const known = before[name]
    const found = await lstat(path, { bigint: true }).catch(() => undefined)
    if (!found) continue // gone between the two looks
    const marks = `${found.size} ${found.mtimeNs} ${found.ctimeNs}`
    const isSame = known?.marks === marks
    hasNewMarks ||= !isSame
    const what = isSame ? known.what : entry.isSymbolicLink() ? `-> ${await readlink(path)}` : await digestOf(path)
    seal[name] = { what, mode: Number(found.mode) & 0o7777, marks }
  }
  return { seal, hasNewMarks }
}

function differences(before: Seal, now: Seal): FieldDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted()
  return names.flatMap((name) => difference(name, before[name], now[name])).slice(0, mostFields)
}

function difference(name: string, before: Entry | undefined, now: Entry | undefined): FieldDifference[] {
  const field = `file ${name}`
  if (!now) return [{ field, wanted: before?.what ?? '' }]
  if (!before) return [{ field, live: now.what }]
  if (before.what !== now.what) return [{ field, wanted: before.what, live: now.what }]
  if (before.mode === now.mode) return []
  return [{ field: `mode of ${name}`, wanted: before.mode.toString(8), live: now.mode.toString(8) }]
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash).catch(() => hash.update('unreadable'))
  return `sha256:${hash.digest('hex').slice(0, 12)}`
}
