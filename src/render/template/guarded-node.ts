import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { findSandbox } from '#lib/isolation.ts'
import { sandboxArgv } from '#lib/sandbox-argv.ts'

export interface GuardedScript {
  readonly script: string
  /** Files and folders that the script may read, itself among them; nothing else. */
  readonly readable: readonly string[]
  readonly heapMb: number
}

export interface GuardedCommand {
  readonly argv: readonly [program: string, ...args: string[]]
  /** Whether the kernel takes the network away; without bubblewrap only the template language does. */
  readonly isCutOff: boolean
}

/**
 * The command that runs one script of ours on input of others: a Node that may read the listed paths and may not write,
 * start processes, load add-ons or start workers. Where bubblewrap works it sees no other file and no network either.
 */
export function guardedNode({ script, readable, heapMb }: GuardedScript): GuardedCommand {
  const node = realpathSync.native(process.execPath)
  const own = ['--permission', ...readable.map((path) => `--allow-fs-read=${path}`), `--max-old-space-size=${heapMb}`]
  const bwrap = findSandbox()
  if (!bwrap) return { argv: [node, ...own, script], isCutOff: false }
  const argv = sandboxArgv(bwrap, {
    argv: [node, ...own, script],
    cwd: '/',
    writable: [],
    readable: [dirname(node), ...readable],
    network: false,
    dieWithParent: true,
  })
  return { argv: [bwrap, ...argv.slice(1)], isCutOff: true }
}
