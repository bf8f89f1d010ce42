import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Runs every generator of the checkout at `root`: each file in tools/generate is a program that writes what it owns. */
export async function generate(root: string, log: (line: string) => void): Promise<void> {
  const names = (await readdir(join(root, 'tools/generate'))).filter((name) => /(?<!\.test)\.ts$/.test(name)).sort()
  for (const name of names) {
    const began = performance.now()
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(root, 'tools/generate', name)], {
      cwd: root,
    })
    log(`${name.padEnd(24)} ${((performance.now() - began) / 1000).toFixed(1)} s  ${(stdout + stderr).trim()}`)
  }
}

if (import.meta.main) await generate(join(import.meta.dirname, '..'), console.log)
