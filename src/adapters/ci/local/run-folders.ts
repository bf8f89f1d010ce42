import { randomInt, randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProcessRef, startMark, stopGroup } from '#lib/process-group.ts'
import type { WorkRoot } from '#lib/work-root.ts'

export interface RunFolder {
  readonly path: string
  /** The slot whose user id the children of this run have, and no other run at the same time. */
  readonly slot: number
  /** A folder for the run's children alone. */
  owned(name: string): Promise<string>
  /** Notes a child, so that the next control plane can end it if this one is killed. */
  note(ref: ProcessRef): Promise<void>
  remove(): Promise<void>
}

/** One private folder per build, gone with it. */
export function runFolders(workRoot: WorkRoot, slots: number) {
  const home = join(workRoot.path, 'runs')
  const taken = new Set<number>()
  return {
    async open(): Promise<RunFolder> {
      const slot = freeSlot(taken, slots)
      taken.add(slot)
      const name = `runs/${randomUUID()}`
      const path = join(workRoot.path, name)
      await mkdir(path, { recursive: true })
      await chmod(path, 0o711)
      const refs: ProcessRef[] = []
      const note = async (ref?: ProcessRef) => {
        if (ref) refs.push(ref)
        const owner = { pid: process.pid, started: startMark(process.pid) }
        await writeFile(join(path, 'run.json'), JSON.stringify({ owner, refs }), { mode: 0o600 })
      }
      await note()
      return {
        path,
        slot,
        note,
        owned: (folder) => workRoot.ownedFolder(`${name}/${folder}`, slot),
        async remove() {
          await removeTree(path)
          taken.delete(slot)
        },
      }
    },
    /** Ends the children and removes the folders of control planes that no longer run. */
    async sweep(): Promise<void> {
      await mkdir(home, { recursive: true, mode: 0o711 })
      await chmod(home, 0o711)
      for (const name of await readdir(home)) await sweepOne(join(home, name))
    },
  }
}

interface Note {
  readonly owner: { readonly pid: number; readonly started: string }
  readonly refs: readonly ProcessRef[]
}

async function sweepOne(path: string): Promise<void> {
  const note = await readFile(join(path, 'run.json'), 'utf8').then(
    (text) => JSON.parse(text) as Note,
    () => undefined,
  )
  if (note && startMark(note.owner.pid) === note.owner.started) return
  for (const ref of note?.refs ?? []) await stopGroup(ref, { graceMs: 0 })
  await removeTree(path)
}

function freeSlot(taken: ReadonlySet<number>, slots: number): number {
  for (;;) {
    const slot = randomInt(slots)
    if (!taken.has(slot)) return slot
  }
}

// A child may have taken away its folders' write permission, which would stop anyone but root from removing them.
async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(async () => {
    await reopen(path)
    await rm(path, { recursive: true, force: true })
  })
}

async function reopen(path: string): Promise<void> {
  await chmod(path, 0o700)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await reopen(join(path, entry.name))
  }
}
