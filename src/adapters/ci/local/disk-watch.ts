import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface DiskLimits {
  readonly bytes: number
  readonly entries: number
  /** Left for everybody else on the file system. */
  readonly reserve: number
}

export const defaultDiskLimits: DiskLimits = { bytes: 2_000_000_000, entries: 200_000, reserve: 500_000_000 }

export interface DiskWatch {
  /** Aborts when the folder goes over its limits. */
  readonly signal: AbortSignal
  /** Why, in words. */
  reason(): string | undefined
  /** One last look, for what was written between two looks. */
  end(): Promise<void>
}

/** Looks at what a step writes into its folder, every half second. */
export function watchDisk(folder: string, limits: DiskLimits): DiskWatch {
  const over = new AbortController()
  const ending = new AbortController()
  let reason: string | undefined
  const look = async () => {
    reason ??= await excess(folder, limits)
    if (reason !== undefined) over.abort()
  }
  const looking = (async () => {
    while (!ending.signal.aborted && reason === undefined) {
      await pause(500, undefined, { signal: ending.signal, ref: false }).catch(() => {})
      if (!ending.signal.aborted) await look()
    }
  })()
  return {
    signal: over.signal,
    reason: () => reason,
    async end() {
      ending.abort()
      await looking
      await look()
    },
  }
}

async function excess(folder: string, limits: DiskLimits): Promise<string | undefined> {
  const used = { bytes: 0, entries: 0 }
  await add(folder, used, limits)
  if (used.bytes > limits.bytes) return `it wrote more than ${limits.bytes / 1e6} MB`
  if (used.entries > limits.entries) return `it made more than ${limits.entries} files and folders`
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize < limits.reserve ? 'the disk of this machine is nearly full' : undefined
}

// Blocks, not sizes: a sparse file costs what it holds. Links are counted, never followed.
async function add(path: string, used: { bytes: number; entries: number }, limits: DiskLimits): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const at = join(path, entry.name)
    used.bytes += ((await lstat(at).catch(() => undefined))?.blocks ?? 0) * 512
    if (++used.entries > limits.entries || used.bytes > limits.bytes) return
    if (entry.isDirectory()) await add(at, used, limits)
  }
}
