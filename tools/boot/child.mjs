// Child processes of set-up: silent while they work, with their last words when they fail.
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { failure, say } from './checkout.mjs'
import { nodeBinary, nodeFolder } from './pinned.mjs'

export async function runNpm(npm, argv, cwd) {
  // Started by `npm run`, the path of that very npm is known; a bare checkout finds it on PATH.
  const caller =
    npm.length === 1 && /npm-cli\.c?js$/.test(process.env.npm_execpath ?? '')
      ? [process.execPath, process.env.npm_execpath]
      : npm
  await child([...caller, ...argv, '--no-audit', '--no-fund'], { cwd, what: `npm ${argv[0]} in ${cwd}` })
}

export async function child([program, ...argv], { cwd, what }) {
  const running = spawn(program, argv, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [running.stdout, running.stderr])
    stream.on('data', (data) => (words = (words + data).slice(-8_000)))
  const clock = setInterval(() => say(`still at it: ${what}`), 15_000)
  const stop = () => running.kill() // else it would go on without the lock
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, stop)
  const { code, error } = await ended(running)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.off(signal, stop)
  clearInterval(clock)
  if (code === 0) return
  throw failure(
    1,
    `${words.trim()}\n${what} failed${error ? `: ${error.message}` : ` with exit code ${code}`}. Is the npm registry reachable?`,
  )
}

export function ended(running) {
  return new Promise((resolve) => {
    running.once('error', (error) => resolve({ code: null, signal: null, error }))
    running.once('close', (code, signal) => resolve({ code, signal }))
  })
}

export function environment() {
  const binaries = [dirname(nodeBinary() ?? process.execPath), join(nodeFolder(), 'node_modules/.bin')]
  // compiled and type-stripped code is kept: a start loads no compiler
  const cache = process.env.NODE_COMPILE_CACHE ?? join(nodeFolder(), 'compile-cache')
  return { ...process.env, NODE_COMPILE_CACHE: cache, PATH: [...binaries, process.env.PATH ?? ''].join(delimiter) }
}
