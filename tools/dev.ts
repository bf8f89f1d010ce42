import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** `npm start` that begins again at every change of a source, and a portal that is rebuilt at every change of its own. */
async function main(argv: readonly string[]): Promise<void> {
  const platform = node(['--watch', '--watch-preserve-output', 'src/main/start.ts', '--dev', '--no-open', ...argv])
  const vite = ['portal/node_modules', 'node_modules'].map((at) => join(root, at, 'vite/bin/vite.js')).find(existsSync)
  const hasPortal = vite !== undefined && existsSync(join(root, 'portal/index.html'))
  const portal = hasPortal ? node([vite, 'build', '--watch', '--outDir', 'dist', '--emptyOutDir'], 'portal') : undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void (process.stdin.isTTY && signal === 'SIGINT' ? undefined : platform.kill(signal)))
  }
  const [code] = (await once(platform, 'close')) as [number | null]
  portal?.kill()
  process.exitCode = code ?? 1
}

function node(argv: readonly string[], folder = '.'): ChildProcess {
  return spawn(process.execPath, [...argv], { cwd: join(root, folder), stdio: 'inherit' })
}

await main(process.argv.slice(2))
