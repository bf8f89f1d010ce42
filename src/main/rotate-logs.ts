import { copyFile, rename, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'

const names = ['control-plane.log', 'agent.log']

/**
 * Moves the contents of our own logs to `<name>.1` once they are larger than `limit` bytes, in place of what was there.
 * Their writers append and keep the file open; a line written in the moment between copy and cut is lost.
 */
export async function rotateLogs(folder: string, limit = 16 * 1_048_576): Promise<void> {
  for (const name of names) {
    const path = join(folder, name)
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    if (size <= limit) continue
    await copyFile(path, `${path}.draft`)
    await rename(`${path}.draft`, `${path}.1`)
    await truncate(path, 0)
  }
}
